"""What cannot be had is told at the end of a run, and is no reason to pass in CI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools import needs

NOTHING = {"UV_OFFLINE": "1", "NO_COLOR": "1"}


def run_offline(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
    """Tests that need kubectl, where there is none and no registry answers."""
    caches = {"MLOPS_CACHE": str(folder / "cache"), "UV_CACHE_DIR": str(folder / "uv")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "1", "-k", "kustomize", "tests/k8s"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **NOTHING, **caches, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_missing_tool_is_named_with_how_many_tests_it_cost(tmp_path: Path) -> None:
    done = run_offline(tmp_path, ci="")
    assert done.returncode == 0, done.stdout
    assert "missing on this machine" in done.stdout
    assert "kubectl (" in done.stdout
    assert "): 1 tests were skipped" in done.stdout


@pytest.mark.slow
def test_in_ci_nothing_may_be_missing(tmp_path: Path) -> None:
    done = run_offline(tmp_path, ci="true")
    assert done.returncode == 1, done.stdout
    assert "missing on this machine: kubectl (" in done.stdout


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_what_cannot_be_had_is_told_while_the_rest_is_fetched(
    ci: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nowhere() -> Path:
        raise OSError("no registry answers")

    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(needs, "TOOLS", {"lathe": nowhere, "python": lambda: Path(sys.executable)})
    assert needs.main() == code
    told = capsys.readouterr().out
    assert "lathe cannot be had: no registry answers" in told
    assert "python is here" in told
    assert "Tests that need lathe cannot run here." in told
