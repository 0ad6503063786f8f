"""The environments that deployments run in: the same, in the same place."""

from pathlib import Path

import uv

from cli.platform.home import ROOT, Home
from tests.provision.conftest import load


def environment_python(name: str) -> Path:
    module = load("virtual_environments")
    lock = (ROOT / "requirements" / f"{name}.lock").read_text()
    environment = Home.from_environment().cache / "envs" / module.key(name, lock)
    module.build(uv.find_uv_bin(), environment, lock)
    python: Path = module.python_of(environment)
    return python
