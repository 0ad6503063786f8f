import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from tests.gateway.stack import Stack, running_gateway, running_stack

KEY = "caller-key-for-tests-only"


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Mlops = Callable[..., Outcome]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nothing of ours has ever run."""
    path = tmp_path / "home"
    for name in ("MLOPS_GATEWAY_URL", "MLOPS_API_KEY", "WINDMILL_API_URL", "MLOPS_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLOPS_HOME", str(path))
    monkeypatch.setenv("MLOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return path


@pytest.fixture
def mlops(home: Path, capfd: pytest.CaptureFixture[str]) -> Mlops:
    """Runs a command as `mlops` would, in this process; pipes, so no terminal."""

    def call(*arguments: str) -> Outcome:
        capfd.readouterr()
        code = run(arguments)
        return Outcome(code, *capfd.readouterr())

    return call


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="session")
def gateway_url(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("gateway")
    with running_gateway(stack, folder, MLOPS_API_KEY=KEY) as url:
        yield url


@pytest.fixture
def platform(mlops: Mlops, gateway_url: str, monkeypatch: pytest.MonkeyPatch) -> Mlops:
    """`mlops`, pointed at a real gateway in front of a real engine with stand-in flows."""
    monkeypatch.setenv("MLOPS_GATEWAY_URL", gateway_url)
    monkeypatch.setenv("MLOPS_API_KEY", KEY)
    return mlops


def mlops_process(*arguments: str, **environment: str) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)
