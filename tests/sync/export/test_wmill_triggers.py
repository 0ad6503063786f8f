"""Windmill's own CLI keeps schedules and HTTP routes as files."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sync.api import Windmill
from tests.sync.export.conftest import TOKEN
from tests.tools.wmill import Wmill

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wmill")]

SETTINGS: dict[str, Any] = {
    "includes": ["f/**"],
    "nonDottedPaths": True,
    "skipSecrets": True,
    "syncBehavior": "v1",
    "includeSchedules": True,
    "includeTriggers": True,
}
SCHEDULE: dict[str, Any] = {
    "summary": "Nightly",
    "schedule": "0 0 3 * * *",
    "timezone": "Europe/Paris",
    "cron_version": "v2",
    "enabled": True,
    "script_path": "f/x/price",
    "is_flow": False,
    "args": {"n": 5},
    "no_flow_overlap": False,
    "ws_error_handler_muted": False,
}
ROUTE: dict[str, Any] = {
    "script_path": "f/x/price",
    "is_flow": False,
    "route_path": "price/:id",
    "http_method": "post",
    "request_type": "sync",
    "authentication_method": "none",
    "authentication_resource_path": None,
    "is_static_website": False,
    "static_asset_config": None,
    "workspaced_route": False,
    "wrap_body": False,
    "raw_string": False,
    "mode": "enabled",
    "summary": "",
    "description": "",
}
FILES = {"f/x/nightly.schedule.yaml": SCHEDULE, "f/x/hook.http_trigger.yaml": ROUTE}


@pytest.fixture
def tree(windmill: Windmill, tmp_path: Path) -> Path:
    """Beside the files: the script that they start, and a folder, stand there already."""
    windmill.post("folders/create", {"name": "x"})
    code = {"path": "f/x/price", "content": "def main(n=0):\n    return n\n", "language": "python3"}
    windmill.post("scripts/create", code)
    (tmp_path / "tree").mkdir()
    write(tmp_path / "tree" / "wmill.yaml", SETTINGS)
    pull(windmill, tmp_path / "tree")
    for name, doc in FILES.items():
        write(tmp_path / "tree" / name, doc)
    return tmp_path / "tree"


def write(file: Path, doc: dict[str, Any]) -> None:
    file.write_text(yaml.safe_dump(doc), "utf-8")


def pull(windmill: Windmill, tree: Path) -> None:
    done = Wmill(tree, windmill.base_url, TOKEN).run("sync", "pull", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr


def test_wmill_pushes_and_pulls_them(wmill: Wmill, windmill: Windmill, tmp_path: Path) -> None:
    assert {change["path"] for change in wmill.changes()} == set(FILES)
    wmill.push()
    assert wmill.changes() == []
    other = tmp_path / "other"
    other.mkdir()
    write(other / "wmill.yaml", SETTINGS)
    pull(windmill, other)
    for name, doc in FILES.items():
        assert yaml.safe_load((other / name).read_text("utf-8")) == doc
    assert Wmill(other, windmill.base_url, TOKEN).changes() == []


def test_wmill_sends_what_was_edited_and_takes_away_what_is_gone(
    wmill: Wmill, windmill: Windmill
) -> None:
    wmill.push()
    file = wmill.folder / "f/x/nightly.schedule.yaml"
    write(file, SCHEDULE | {"schedule": "0 30 4 * * *", "enabled": False})
    write(wmill.folder / "f/x/hook.http_trigger.yaml", ROUTE | {"mode": "disabled"})
    wmill.push()
    held = windmill.get("schedules/get/f/x/nightly")
    assert (held["schedule"], held["enabled"]) == ("0 30 4 * * *", False)
    assert windmill.get("http_triggers/get/f/x/hook")["mode"] == "disabled"
    for name in FILES:
        (wmill.folder / name).unlink()
    wmill.push()
    assert windmill.get("schedules/exists/f/x/nightly") is False
    assert windmill.get("http_triggers/exists/f/x/hook") is False


def test_wmill_lists_shows_and_switches_schedules(wmill: Wmill, windmill: Windmill) -> None:
    wmill.push()
    listed = json.loads(wmill.run("schedule", "list", "--json").stdout)
    assert [(row["path"], row["schedule"]) for row in listed] == [("f/x/nightly", "0 0 3 * * *")]
    shown = json.loads(wmill.run("schedule", "get", "f/x/nightly", "--json").stdout)
    assert shown["args"] == {"n": 5}
    for command, enabled in (("disable", False), ("enable", True)):
        done = wmill.run("schedule", command, "f/x/nightly")
        assert done.returncode == 0, done.stdout + done.stderr
        assert windmill.get("schedules/get/f/x/nightly")["enabled"] is enabled
