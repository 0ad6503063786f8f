"""One platform for all that is deployed to hosts: its operator allows the key."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker_engine.ssh_hosts import key_pair
from tests.e2e.harness import Platform


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return key_pair(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def platform(key: Path) -> Iterator[Platform]:
    with tempfile.TemporaryDirectory(prefix="mlops-") as folder:
        platform = Platform(Path(folder), {"MLOPS_SSH_KEYS": str(key)})
        try:
            platform.run("up")
            yield platform
        finally:
            platform.run("down", "--destroy", fine=(0, 1, 2))
