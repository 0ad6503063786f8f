"""What an approval is for, as the flow tells the step that asks: its expression evaluated."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.flow.expressions import Scope, evaluate
from windmill.scripts.model.catalog.catalog import Catalog, read_entry
from windmill.scripts.model.compile.compile_catalog import compile_catalog

ENTRIES = yaml.safe_load(Path(__file__).with_name("approvals.yaml").read_text())


def modules(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By their ids, at whatever depth."""
    told = {}
    for module in found:
        told[module["id"]] = module
        for branch in module["value"].get("branches", []):
            told |= modules(branch["modules"])
    return told


@pytest.fixture(scope="module")
def house() -> dict[str, dict[str, Any]]:
    catalog = Catalog()
    for document in ENTRIES:
        catalog = catalog.with_entry(*read_entry(yaml.safe_dump(document), "x.yaml"))
    return modules(dict(compile_catalog(catalog))["meta-pipelines/house"]["value"]["modules"])


def asked(module: dict[str, Any]) -> Any:
    given = {"regions": ["eu", "us"], "target": "local", "name": None, "max_hourly_usd": 1}
    scope = Scope({"flow_input": given, "previous_result": None})
    scope.lookups.update(results=lambda key: {"found": {"url": "there"}, "Target": {}}.get(key))
    transform = module["value"]["input_transforms"]["plan"]
    return json.loads(asyncio.run(evaluate(transform["expr"], scope)))


@pytest.mark.parametrize(
    ("id", "calls"),
    [
        ("A_one", [("there", "house-one")]),
        ("A_each", [("eu", "house-each-0"), ("us", "house-each-1")]),
        ("A_some", [("eu/0", "house-some-0")]),
    ],
)
def test_each_call_is_as_the_step_will_make_it(
    house: dict[str, dict[str, Any]], id: str, calls: list[tuple[str, str]]
) -> None:
    found = asked(house[id])
    assert found["entry"] == "pipelines/tiny"
    assert [(each["url"], each["name"]) for each in found["calls"]] == calls
    assert {(each["target"], each["max_hourly_usd"]) for each in found["calls"]} == {("local", 1)}


@pytest.mark.parametrize("id", ["A_told", "A_mixed"])
def test_what_deploys_nothing_or_cannot_be_called_ahead_has_no_plan(
    house: dict[str, dict[str, Any]], id: str
) -> None:
    assert house[id]["value"]["input_transforms"].keys() == {"message", "step"}


def test_whoever_deploys_hands_on_that_it_is_asked_for(house: dict[str, dict[str, Any]]) -> None:
    one, found = house["one"]["value"], house["found"]["value"]
    assert one["input_transforms"]["approve"]["expr"] == "flow_input.approve ?? null"
    assert "approve" not in found["input_transforms"]
