"""The examples for CI: the script they run is run here, against an empty Windmill."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.platform.home import ROOT
from sync.api import Item, Windmill, plan
from sync.build.node import node_environment
from tests.sync.export.conftest import TOKEN
from tests.tools.needs import need

SCRIPT = "ci/wmill-sync.sh"


def run(windmill: Windmill, *options: str, **given: str) -> subprocess.CompletedProcess[str]:
    tools = need("windmill-cli").parents[2] / ".bin"
    environment = node_environment()
    environment |= {"PATH": f"{tools}{os.pathsep}{environment['PATH']}", "NO_COLOR": "1"}
    environment |= {"WINDMILL_API_URL": windmill.base_url, "WINDMILL_WORKSPACE": "mlops"}
    environment |= {"WINDMILL_API_KEY": TOKEN} | given
    return subprocess.run(
        [ROOT / SCRIPT, *options],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.xdist_group("wmill")
def test_ci_shows_first_and_pushes_then_and_what_others_keep_there_survives(
    windmill: Windmill, items: list[Item], tmp_path: Path
) -> None:
    shown = run(windmill, "--dry-run", TMPDIR=str(tmp_path))
    assert shown.returncode == 0, shown.stderr
    assert "f/mlops/ml_pipeline_deployment" in shown.stdout
    assert windmill.get("scripts/list") == []
    keep_things(windmill)
    done = run(windmill, TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert plan(items, windmill).is_empty
    assert_kept(windmill)
    assert TOKEN not in shown.stdout + shown.stderr + done.stdout + done.stderr
    assert not list(tmp_path.glob("tmp.*"))


def keep_things(windmill: Windmill) -> None:
    """As others do who use the same workspace, and even the same folder."""
    mine = {"path": "f/mlops/mine", "value": {"key": 1}, "resource_type": "any"}
    secret = {"path": "f/mlops/key", "value": "hunter2", "is_secret": True, "description": ""}
    windmill.post("folders/create", {"name": "mlops"})
    windmill.post("resources/create", mine)
    windmill.post("resources/type/create", {"name": "their_type", "schema": {}})
    windmill.post("variables/create", secret)


def assert_kept(windmill: Windmill) -> None:
    assert windmill.get("resources/get_value/f/mlops/mine") == {"key": 1}
    assert windmill.get("resources/type/exists/their_type") is True
    assert windmill.get("variables/get_value/f/mlops/key") == "hunter2"


@pytest.mark.slow
@pytest.mark.xdist_group("wmill")
def test_a_wrong_key_fails_the_job(windmill: Windmill) -> None:
    assert run(windmill, WINDMILL_API_KEY="wrong").returncode != 0
    assert run(windmill, WINDMILL_API_KEY="").returncode != 0
    assert windmill.get("scripts/list") == []


def commands(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [c for item in value.values() for c in commands(item)]
    if isinstance(value, list):
        return [c for item in value for c in commands(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", [".github/workflows/sync.yml", "ci/gitlab-sync.yml"])
def test_both_ci_files_run_that_script_and_hold_no_secret(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    found = commands(yaml.safe_load(text))
    assert {SCRIPT, f"{SCRIPT} --dry-run"} <= set(found)
    assert "--token" not in text
