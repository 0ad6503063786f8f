"""Leaves of the catalog that run Terraform or Ansible by themselves, without a deployment."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...model.base.errors import TargetRefused
from ...model.base.target import RENTED
from ...provision.errors import InvalidRootName, UnsafePath
from ...provision.root_config import render_root
from .machine import require_the_machine

LOCALHOST = {"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}}
_OUTPUT = re.compile(r'^output\s+"([a-z][a-z0-9_]*)"', re.MULTILINE)
_STATE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


def state_folder(tool: str, state: str) -> Path:
    """One folder a name; runs of the same name go on where the last one stopped."""
    require_the_machine()
    if not _STATE.fullmatch(state):
        raise UnsafePath(state)
    return Path(os.environ["MLOPS_LOCAL_ROOT"]) / "playbooks" / tool / state


def module_root(
    module: str, variables: Mapping[str, Any], modules: Mapping[str, str]
) -> dict[str, Any]:
    if module in RENTED:
        reason = "a machine is rented by deploying a pipeline, which is never forgotten."
        raise TargetRefused(target=module, reason=reason, fix="Use a pipeline in its place.")
    if not any(path.startswith(f"{module}/") for path in modules):
        raise InvalidRootName(module, "the name")
    return render_root(module, variables, module_outputs(module, modules))


def module_outputs(module: str, modules: Mapping[str, str]) -> list[str]:
    texts = [text for path, text in modules.items() if path.startswith(f"{module}/")]
    return sorted(name for text in texts for name in _OUTPUT.findall(text))
