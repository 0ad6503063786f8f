"""Each thing that can be wrong is found, and comes with what mends it."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from cli.platform import checkup
from cli.platform.embedded import Platform
from cli.platform.home import Home
from cli.platform.processes import Part
from tests.cli.conftest import Mlops

pytestmark = pytest.mark.slow


@pytest.fixture
def made(home: Path) -> Home:
    made = Home.from_environment()
    made.make()
    made.secrets()
    return made


def failures(home: Home) -> dict[str, str]:
    return {item.what: item.fix for item in checkup.examine(home) if item.state == "failed"}


def test_a_fresh_machine_is_fit(mlops: Mlops) -> None:
    told = mlops("doctor")
    assert told.code == 0, told.out
    assert "FAIL" not in told.out
    assert {item["state"] for item in mlops("doctor", "--json").json} <= {"ok", "warning"}


def test_open_secrets_are_found(made: Home, mlops: Mlops) -> None:
    made.secrets_file.chmod(0o644)
    assert failures(made) == {"private files": f"chmod 600 {made.secrets_file}"}
    assert mlops("doctor").code == 1


def test_a_part_that_died_is_found(made: Home) -> None:
    part = Part("engine", 2**22 - 1, 1.0, 3000, "engine.log", "")
    made.platform_file.write_text(json.dumps({"parts": {"engine": asdict(part)}}))
    assert failures(made) == {"engine": "mlops up"}


def test_a_registry_that_waits_to_be_migrated_is_told_of(
    made: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = Part("gateway", 2**22 - 1, 1.0, 8000, "gateway.log", "")
    made.platform_file.write_text(json.dumps({"parts": {"gateway": asdict(part)}}))
    monkeypatch.setattr(Platform, "is_up", lambda self, name: True)
    health = {"registry": {"reachable": True, "reason": "it is behind", "fix": "migrate it"}}
    monkeypatch.setattr(checkup, "probe", lambda url: (200, json.dumps(health)))
    (gateway,) = [item for item in checkup.parts(made) if item.what == "gateway"]
    assert (gateway.state, gateway.found, gateway.fix) == ("warning", "it is behind", "migrate it")


@pytest.mark.parametrize(
    ("pin", "good"),
    [
        ("litellm==1.83.7", True),
        ("litellm==1.83.6", False),
        ("litellm==1.82.8", False),
        ("LiteLLM==1.106.2", True),
        ("jinja2==3.1.5", False),
        ("starlette==1.0.1", True),
        ("starlette==1.0.0", False),
        ("not-starlette==0.1", True),
    ],
)
def test_versions_with_known_holes_are_refused(
    made: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pin: str, good: bool
) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "x.lock").write_text(f"{pin} \\\n    --hash=sha256:0\n")
    monkeypatch.setattr(checkup, "ROOT", tmp_path)
    assert (failures(made) == {}) is good


def test_a_full_disk_is_found(made: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "DISK_GB", 10**9)
    assert {"disk, home", "disk, cache"} == failures(made).keys()


def test_a_lock_that_terraform_left_is_shown(made: Home) -> None:
    folder = made.deployments / "rag-1" / "terraform"
    folder.mkdir(parents=True)
    (folder / ".terraform.tfstate.lock.info").write_text("{}")
    found = [item for item in checkup.examine(made) if item.what == "stale lock"]
    assert [item.state for item in found] == ["warning"]
    assert str(folder) in found[0].fix


@pytest.mark.parametrize(
    ("version", "state"),
    [("CE v1.784.0", "ok"), ("CE v1.900.1", "ok"), ("CE v1.783.9", "warning")],
)
def test_a_windmill_of_ones_own_is_judged(
    made: Home, monkeypatch: pytest.MonkeyPatch, version: str, state: str
) -> None:
    monkeypatch.setenv("WINDMILL_API_URL", "http://127.0.0.1:9/api")
    monkeypatch.setattr(checkup, "probe", lambda url: (200, version))
    found = [item for item in checkup.examine(made) if item.what == "windmill"]
    assert [item.state for item in found] == [state]


def test_an_old_windmill_that_others_reach_is_refused(
    made: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINDMILL_API_URL", "https://windmill.example")
    monkeypatch.setattr(checkup, "probe", lambda url: (200, "CE v1.743.0"))
    assert failures(made) == {"windmill": "Upgrade Windmill to 1.784.0 or newer"}


def test_a_windmill_that_does_not_answer_is_told(
    made: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINDMILL_API_URL", "http://127.0.0.1:9")
    assert failures(made).keys() == {"windmill"}
