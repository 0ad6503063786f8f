"""A pinned entry runs as it was, beside the newest."""

from pathlib import Path
from typing import Any

from tests.history.repository import ECHO, PINNED, make_repository
from windmill.scripts.model.base.windmill_paths import use_path
from windmill.scripts.model.check.check_catalog import load_catalog
from windmill.scripts.model.compile.compile_catalog import compile_catalog

SCRIPT = "def main(text):\n    return {'said': text%s}\n"
OUTPUTS = "def main(values: dict):\n    return values\n"


def test_a_pinned_entry_does_what_it_did_and_the_newest_what_it_does(
    windmill: Any, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "work")
    repository.write("playbooks/echo", ECHO.replace("f/test/echo", "f/test/shout"))
    repository.commit("Shout")
    repository.write("meta-pipelines/desk", PINNED.replace("REF", "v1"))
    windmill.script("f/test/echo", SCRIPT % "")
    windmill.script("f/test/shout", SCRIPT % ".upper()")
    windmill.script("f/mlops/outputs", OUTPUTS)
    with repository.history() as history:
        catalog = load_catalog(repository.catalog, history=history)
    for key, flow in compile_catalog(catalog):
        windmill.flow(use_path(key), flow["value"])
    desk = use_path("meta-pipelines/desk")
    job = windmill.ended(windmill.post(f"/jobs/run/f/{desk}", {"text": "hello"}))
    assert job["success"], job["result"]
    assert job["result"] == {"before": "hello", "after": "HELLO"}
