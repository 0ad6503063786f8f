"""Settings that are right alone and wrong together are told before anything starts."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from windmill.scripts.check_pipeline import main as check_in_windmill
from windmill.scripts.model.catalog.catalog import read_catalog
from windmill.scripts.model.drawing.component import Component
from windmill.scripts.model.drawing.pipeline import Node, Pipeline
from windmill.scripts.model.drawing.validation import check_pipeline

CATALOG, _ = read_catalog(Path(__file__).parents[3] / "catalog")
CASES = yaml.safe_load(Path(__file__).with_name("rules.yaml").read_text())


def of_settings(case: dict[str, Any], **more: Any) -> list[tuple[str, str, str]]:
    node = Node(id="node", component=case["component"], config=case["config"])
    problems = check_pipeline(Pipeline(name="x", nodes=(node,)), CATALOG.components, **more)
    return [(p.field, p.message, p.fix) for p in problems if p.code == "E-CAT-005"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_settings_that_do_not_go_together_are_told(case: dict[str, Any]) -> None:
    given = case.get("given")
    declared = {"given": {"default": given}} if given is not None else {"given": {}}
    told = of_settings(case, inputs=declared)
    if "says" not in case:
        assert told == []
        return
    ((field, message, fix),) = told
    assert field == f"nodes[0].config.{case['setting']}"
    assert case["says"] in message
    assert case.get("fix", "") in fix
    if given is not None:
        assert of_settings(case, inputs={"given": {}}) == [], "nobody knows it yet"
        assert of_settings(case, inputs={"given": {}}, values={"given": given}) == told


def test_the_builders_check_tells_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, Component] = dict(CATALOG.components)
    monkeypatch.setattr("windmill.scripts.check_pipeline.components", lambda: known)
    config = {"path": "/srv/sales.xlsx"}
    drawn = {"name": "x", "nodes": [{"id": "data", "component": "table", "config": config}]}
    (problem, *_) = check_in_windmill(drawn)["problems"]
    assert problem["field"] == "nodes[0].config.path"
    assert "'/srv/sales.xlsx' is none of .csv" in problem["message"]
