"""Catalog entries that run an n8n workflow: it must be one that can be called."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from windmill.scripts.model.base.errors import Problem
from windmill.scripts.model.base.windmill_paths import RUN_N8N_WORKFLOW

from .flow_steps import Step, steps_in
from .flows import Flow
from .workflows import WORKFLOWS, webhooks_of


def leaf_problems(root: Path, flows: Iterable[Flow]) -> Iterator[Problem]:
    for flow in flows:
        for step in steps_in(flow.body["value"]):
            name = _workflow(step) if step.path == RUN_N8N_WORKFLOW else None
            if name is not None and not _can_be_called(root / WORKFLOWS / f"{name}.json"):
                yield _uncallable(flow, step, name)


def _workflow(step: Step) -> Any:
    """None where only the run will tell, or where it is left out: flow_check tells of that."""
    transforms = step.value.get("input_transforms") or {}
    given = transforms.get("workflow") or {}
    return given.get("value") if given.get("type") == "static" else None


def _can_be_called(file: Path) -> bool:
    return file.is_file() and f"mlops-{file.stem}" in _webhooks(file)


def _uncallable(flow: Flow, step: Step, name: Any) -> Problem:
    message = f"n8n workflow {name!r} cannot be run as a step"
    fix = f"{WORKFLOWS}/{name}.json needs a webhook node: POST, path mlops-{name}, header auth."
    return flow.source.problem(message, f"{step.place}.value", fix, "E-SYNC-012")


def _webhooks(file: Path) -> set[str]:
    """None of a file that is no workflow: that is told where workflows are read."""
    try:
        return webhooks_of(json.loads(file.read_text("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return set()
