"""An embedded Windmill with nothing in it, and this checkout's export beside it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from cli.platform.home import ROOT
from sync.api import Item, Windmill, desired, export
from tests.tools.needs import need
from tests.tools.wmill import Wmill

TOKEN = "export-token"
NewWindmill = Callable[[], Windmill]


@pytest.fixture(scope="session")
def items() -> list[Item]:
    """With the app, bundled: our own push sends the bundle."""
    need("builder")
    return desired(ROOT)


@pytest.fixture
def tree(items: list[Item], tmp_path: Path) -> Path:
    export(items, tmp_path / "tree")
    return tmp_path / "tree"


@pytest.fixture
def windmill(tmp_path: Path) -> Iterator[Windmill]:
    with ExitStack() as stack:
        yield stack.enter_context(running_engine(tmp_path / "engine"))


@pytest.fixture
def wmill(windmill: Windmill, tree: Path) -> Wmill:
    return Wmill(tree, windmill.base_url, TOKEN)


@contextmanager
def running_engine(folder: Path) -> Iterator[Windmill]:
    folder.mkdir()
    (folder / "token").write_text(TOKEN)
    command = [sys.executable, "-m", "engine", "--db", str(folder / "db"), "--port", "0"]
    command += ["--token-file", str(folder / "token"), "--cache", str(folder / "cache")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        url = process.stdout.readline().split()[-1]
        with Windmill(url, "mlops", TOKEN) as windmill:
            yield windmill
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
