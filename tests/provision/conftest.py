"""Our Ansible modules as Python modules, and the environment of supervisor."""

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import uv

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def ansible_module() -> Callable[[str], ModuleType]:
    return load


def load(name: str) -> ModuleType:
    path = PROJECT / "ansible" / "library" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"library_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def environments() -> Path:
    """This host's cache, as the platform uses it: whoever comes second finds it filled."""
    return Path(os.environ.get("MLOPS_CACHE") or Path.home() / ".cache" / "mlops") / "envs"


@pytest.fixture(scope="session")
def supervisor_python(environments: Path) -> str:
    module = load("virtual_environments")
    lock = (PROJECT / "requirements" / "supervisor.lock").read_text()
    environment = environments / module.key("supervisor", lock)
    module.build(uv.find_uv_bin(), environment, lock)
    return str(module.python_of(environment))


@pytest.fixture
def supervised() -> ModuleType:
    return load("supervised_programs")


@pytest.fixture
def root(tmp_path: Path, supervised: ModuleType) -> Iterator[Path]:
    folder = tmp_path / "rag-1"
    yield folder
    supervised.end(folder, [])
