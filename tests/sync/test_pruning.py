"""Pruning deletes what earlier pushes wrote and Git no longer has, and nothing else."""

from pathlib import Path

import pytest

from sync.api import Drift, Plan, Verb, desired, plan, plan_of_pruning, push
from tests.sync.conftest import Write
from tests.sync.embedded import EmbeddedWindmill

STEP = "def main(word: str) -> str:\n    return word\n"
FLOW = """summary: says it
schema: {type: object, properties: {}}
value:
  modules:
    - id: a
      value: {type: script, path: f/mlops/said, input_transforms: {word: {type: static, value: hi}}}
"""
SCHEDULE = """summary: often
schedule: 0 0 * * * *
timezone: UTC
script_path: f/mlops/said
is_flow: false
args: {word: hi}
"""
FILES = {
    "windmill/scripts/kept.py": STEP,
    "windmill/scripts/said.py": STEP,
    "windmill/flows/says.flow/flow.yaml": FLOW,
    "windmill/schedules/said.schedule.yaml": SCHEDULE,
}


@pytest.fixture
def root(checkout: Write, embedded: EmbeddedWindmill) -> Path:
    """Pushed whole; then three of its files go."""
    root = checkout(FILES)
    push(plan(desired(root), embedded), embedded)
    for name in list(FILES)[1:]:
        (root / name).unlink()
    (root / "windmill/flows/says.flow").rmdir()
    return root


def pruning(root: Path, embedded: EmbeddedWindmill) -> Plan:
    return plan_of_pruning(desired(root), embedded)


def keys(found: Plan) -> list[str]:
    return [action.item.key for action in found.writes]


def test_it_deletes_what_git_no_longer_has_users_first(
    root: Path, embedded: EmbeddedWindmill
) -> None:
    found = pruning(root, embedded)
    assert keys(found) == ["schedule/f/mlops/said", "flow/f/mlops/says", "script/f/mlops/said"]
    assert {action.verb for action in found.writes} == {Verb.delete}
    push(found, embedded)
    assert pruning(root, embedded).is_empty
    after = plan(desired(root), embedded)
    assert (after.is_empty, after.orphans) == (True, ())


def test_what_nobody_pushed_from_here_stays(root: Path, embedded: EmbeddedWindmill) -> None:
    own = {"path": "f/mlops/own", "content": STEP, "language": "python3", "summary": "",
           "description": "", "schema": {}, "lock": ""}  # fmt: skip
    embedded.others.post("scripts/create", own)
    push(pruning(root, embedded), embedded)
    assert embedded.find("scripts/get/p/f/mlops/own")
    assert embedded.find("scripts/get/p/f/mlops/kept")


def test_what_was_edited_there_is_somebody_s_work(root: Path, embedded: EmbeddedWindmill) -> None:
    there = embedded.get("flows/get/f/mlops/says")
    edited = {key: there[key] for key in ("path", "value", "schema", "description")}
    embedded.others.post("flows/update/f/mlops/says", {**edited, "summary": "edited there"})
    found = pruning(root, embedded)
    with pytest.raises(Drift):
        push(found, embedded)
    assert keys(pruning(root, embedded)) == keys(found)
    push(found, embedded, force=True)
    assert pruning(root, embedded).is_empty


def test_what_is_gone_there_already_is_forgotten(root: Path, embedded: EmbeddedWindmill) -> None:
    embedded.others.delete("schedules/delete/f/mlops/said")
    found = pruning(root, embedded)
    assert "schedule/f/mlops/said" not in keys(found)
    push(found, embedded)
    assert plan(desired(root), embedded).orphans == ()
