"""One platform for the whole folder: started as a person starts it, in a home of its own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import EXAMPLES, Platform


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    # Not pytest's own folder: its long path would not fit a socket's name.
    with tempfile.TemporaryDirectory(prefix="mlops-") as folder:
        platform = Platform(Path(folder))
        try:
            platform.run("up")
            yield platform
        finally:
            platform.run("down", "--destroy", fine=(0, 1, 2))


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for file in EXAMPLES.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder
