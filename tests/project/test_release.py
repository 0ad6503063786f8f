"""What a release is: a tag, a version and a changelog that agree, and a wheel that runs alone."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import uv
import yaml

from ci.release import NotReady, notes

ROOT = Path(__file__).parents[2]
SERVING = tomllib.loads((ROOT / "serving" / "pyproject.toml").read_text("utf-8"))["project"]
CASES = yaml.safe_load(Path(__file__).with_name("release_cases.yaml").read_text("utf-8"))
LOCK = ROOT / "requirements" / "serving.lock"
UV = Path(uv.find_uv_bin())
NOT_NEEDED_TO_RUN = {"pyproject.toml", "ruff.toml"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_tag_version_and_changelog_agree_or_there_is_no_release(case: dict[str, Any]) -> None:
    given = case["tag"], case["version"], case["changelog"]
    if "refused" in case:
        with pytest.raises(NotReady) as raised:
            notes(*given)
        assert str(raised.value) == case["refused"]
    else:
        assert notes(*given) == case["notes"]


@pytest.mark.parametrize(
    ("declared", "file"),
    [
        (SERVING["dependencies"], "serving.in"),
        (SERVING["optional-dependencies"]["ml"], "serving-ml.in"),
        (SERVING["optional-dependencies"]["speech"], "serving-speech.in"),
    ],
    ids=["serving", "ml", "speech"],
)
def test_the_wheel_requires_what_the_platform_locks(declared: list[str], file: str) -> None:
    lines = (ROOT / "requirements" / file).read_text("utf-8").splitlines()
    assert sorted(declared) == sorted(line for line in lines if not line.startswith(("#", "-r")))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make wheel` builds it: from the source distribution."""
    out = tmp_path_factory.mktemp("dist")
    options = ("--offline", "--no-build-isolation", "--python", sys.executable, "-o", out)
    run(UV, "build", "-q", *options, "serving")
    (built,) = out.glob("*.whl")
    return built


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_wheel_holds_all_of_serving_and_the_licence(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    files = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "serving").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    wanted = files - {f"serving/{name}" for name in NOT_NEEDED_TO_RUN}
    assert {name for name in names if name.startswith("serving/")} == wanted
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.slow
def test_the_wheel_has_the_version_of_the_platform(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert wheel.name.split("-")[1] == project["version"]


@pytest.mark.slow
def test_the_wheel_runs_in_an_environment_that_has_nothing_else(
    wheel: Path, tmp_path: Path
) -> None:
    programs = tmp_path / "environment" / "bin"
    run(UV, "venv", "-q", "--python", sys.executable, programs.parent)
    python = programs / "python"
    run(UV, "pip", "install", "-q", "--python", python, wheel, "-c", LOCK)
    assert "--pipeline" in run(programs / "mlops-serving", "--help", cwd=tmp_path)
    loaded = "from serving.components import load_components; print(*load_components())"
    assert "llm-chat" in run(python, "-c", loaded, cwd=tmp_path)
