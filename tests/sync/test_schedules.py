"""Schedules in Git: refused where they would trip, pushed, and watched for edits like the rest."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sync.api import Drift, Item, Kind, Verb, desired, ends_orphans, plan, push
from sync.export.export import as_tree
from tests.sync.conftest import Write
from tests.sync.embedded import EmbeddedWindmill
from windmill.scripts.model.base.errors import InvalidInput, InvalidSetting

ROOT = Path(__file__).resolve().parents[2]
CASES = yaml.safe_load((Path(__file__).parent / "data/schedules.yaml").read_text("utf-8"))
FILE, PATH = "windmill/schedules/nightly.schedule.yaml", "f/mlops/nightly"
SCRIPTS = {
    "windmill/scripts/price.py": "def main(amount: int, rate: float = 1): ...\n",
    "windmill/scripts/other.py": "def main(amount: int = 1): ...\n",
    "windmill/scripts/lib.py": "RATE = 1\n",
}
GOOD: dict[str, Any] = {
    "summary": "Nightly",
    "schedule": "0 0 3 * * *",
    "timezone": "Europe/Paris",
    "script_path": "f/mlops/price",
    "is_flow": False,
    "args": {"amount": 5},
}


def wanted(checkout: Write, **fields: Any) -> list[Item]:
    doc = {name: value for name, value in (GOOD | fields).items() if value is not None}
    return desired(checkout({**SCRIPTS, FILE: yaml.safe_dump(doc)}))


def held(windmill: EmbeddedWindmill) -> dict[str, Any]:
    found: dict[str, Any] = windmill.others.get(f"schedules/get/{PATH}")
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_schedule_that_would_trip_is_refused(checkout: Write, case: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        wanted(checkout, **case["fields"])
    (problem,) = refused.value.problems
    assert (problem.code, problem.file) == ("E-SYNC-014", FILE)
    assert case["expect"] in str(problem)


def test_a_schedule_comes_after_what_it_starts_and_a_second_push_has_nothing_to_do(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    items = wanted(checkout)
    order = [action.item.key for action in push(plan(items, embedded), embedded).written]
    assert order.index("script/f/mlops/price") < order.index(f"schedule/{PATH}")
    shown = held(embedded)
    assert (shown["schedule"], shown["args"], shown["enabled"]) == (
        *("0 0 3 * * *", {"amount": 5}, True),
    )
    assert plan(items, embedded).is_empty


@pytest.mark.parametrize(
    "change",
    [
        {"schedule": "0 30 4 * * *"},
        {"args": {"amount": 6, "rate": 2.0}},
        {"enabled": False},
        {"script_path": "f/mlops/other"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_changed_in_git_is_what_stands_there_afterwards(
    checkout: Write, embedded: EmbeddedWindmill, change: dict[str, Any]
) -> None:
    push(plan(wanted(checkout), embedded), embedded)
    rest = {"paused_until": "2999-01-01T00:00:00Z"}
    embedded.others.post(f"schedules/update/{PATH}", {**held(embedded), **rest})
    again = plan(wanted(checkout, **change), embedded)
    (action,) = again.writes
    assert (action.verb, action.changed, action.drifted) == (Verb.update, tuple(change), False)
    push(again, embedded)
    assert {name: held(embedded)[name] for name in change} == change
    if "script_path" not in change:  # what starts something else begins anew
        assert held(embedded)["paused_until"].startswith("2999")
    assert plan(wanted(checkout, **change), embedded).is_empty


@pytest.mark.parametrize(
    ("call", "body", "told"),
    [
        ("setenabled", {"enabled": False}, "enabled"),
        ("update", {**GOOD, "schedule": "0 0 5 * * *"}, "schedule"),
    ],
)
def test_somebody_s_edit_is_drift_and_is_overwritten_only_by_force(
    checkout: Write, embedded: EmbeddedWindmill, call: str, body: dict[str, Any], told: str
) -> None:
    items = wanted(checkout)
    push(plan(items, embedded), embedded)
    embedded.others.post(f"schedules/{call}/{PATH}", body)
    edited = plan(items, embedded)
    (action,) = edited.drifted
    assert told in action.changed
    with pytest.raises(Drift, match=PATH):
        push(edited, embedded)
    push(edited, embedded, force=True)
    assert plan(items, embedded).is_empty


def test_one_that_git_no_longer_has_is_told_and_left_alone(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    items = wanted(checkout)
    push(plan(items, embedded), embedded)
    fewer = [item for item in items if item.kind is not Kind.schedule]
    assert plan(fewer, embedded).orphans == (f"schedule/{PATH}",)
    push(plan(fewer, embedded), embedded)
    assert held(embedded)["enabled"]


def test_a_deleted_one_is_made_again(checkout: Write, embedded: EmbeddedWindmill) -> None:
    items = wanted(checkout)
    push(plan(items, embedded), embedded)
    embedded.others.delete(f"schedules/delete/{PATH}")
    push(plan(items, embedded), embedded)
    assert held(embedded)["enabled"]


def of_orphans(**options: Any) -> dict[str, Any]:
    path = "f/mlops/reconcile_orphans"
    found = desired(ROOT, unbuilt_apps=True, **options)
    (item,) = [each for each in found if (each.kind, each.path) == (Kind.schedule, path)]
    exported = yaml.safe_load(as_tree([item])[f"{item.path}.schedule.yaml"])
    assert exported["args"] == item.body["args"]
    return dict(exported["args"])


def test_orphans_are_only_told_of_unless_the_operator_says_otherwise() -> None:
    assert of_orphans() == {"end": False, "watch": True}
    assert of_orphans(end_orphans=True) == {"end": True, "watch": True}
    assert not ends_orphans({})
    assert not ends_orphans({"MLOPS_END_ORPHANS": "false"})
    assert ends_orphans({"MLOPS_END_ORPHANS": "true"})
    with pytest.raises(InvalidSetting, match="MLOPS_END_ORPHANS"):
        ends_orphans({"MLOPS_END_ORPHANS": "perhaps"})
