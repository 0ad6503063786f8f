"""The LiteLLM that deployments run: the same environment, in the same place."""

from pathlib import Path

import uv

from cli.platform.home import ROOT, Home
from tests.provision.conftest import load


def litellm_python() -> Path:
    module = load("virtual_environments")
    lock = (ROOT / "requirements" / "litellm.lock").read_text()
    environment = Home.from_environment().cache / "envs" / module.key("litellm", lock)
    module.build(uv.find_uv_bin(), environment, lock)
    python: Path = module.python_of(environment)
    return python
