"""A Windmill without a process of its own, and a small checkout to push into it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.sync.embedded import EmbeddedWindmill

ROOT = Path(__file__).resolve().parents[2]
NewWindmill = Callable[[], EmbeddedWindmill]


@pytest.fixture
def new_windmill(tmp_path: Path) -> Iterator[NewWindmill]:
    """Each call makes one with nothing in it."""
    with ExitStack() as stack:
        made = count()
        yield lambda: stack.enter_context(EmbeddedWindmill(tmp_path / f"engine-{next(made)}"))


@pytest.fixture
def embedded(new_windmill: NewWindmill) -> EmbeddedWindmill:
    return new_windmill()


Write = Callable[[dict[str, str]], Path]


@pytest.fixture
def checkout(tmp_path: Path) -> Write:
    """A small platform checkout; `checkout({path: text})` writes files into it."""
    root = tmp_path / "checkout"
    for folder in ("windmill/scripts", "windmill/flows", "catalog/components", "requirements"):
        (root / folder).mkdir(parents=True)
    for lock in (ROOT / "requirements").glob("*.lock"):
        shutil.copy(lock, root / "requirements")

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return root

    return write
