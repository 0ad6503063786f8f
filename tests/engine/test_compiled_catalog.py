"""What the catalog compiles to, run for real: order, data and failures through many levels."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.naive import Naive
from windmill.scripts.model.base.windmill_paths import use_path
from windmill.scripts.model.catalog.catalog import Catalog, read_entry
from windmill.scripts.model.check.check_catalog import check_catalog
from windmill.scripts.model.compile.compile_catalog import compile_catalog

Doc = dict[str, Any]
LEAF = """
def main(value=None, fail: bool = False):
    if fail:
        raise ValueError(f"{value} is broken")
    return {"value": [value], "type": type(value).__name__}
"""
OUTPUTS = "def main(values: dict):\n    return values\n"
NOOP: Doc = {
    "kind": "playbook",
    "name": "noop",
    "inputs": {"value": {}, "fail": {"type": "boolean", "default": False}},
    "run": {"script": "f/test/leaf"},
    "outputs": {"value": "${result.value}", "type": "${result.type}"},
}


@pytest.fixture(scope="module")
def deployed(windmill: Any) -> Any:
    windmill.script("f/test/leaf", LEAF)
    windmill.script("f/mlops/outputs", OUTPUTS)
    return windmill


def catalog_of(*documents: Doc) -> Catalog:
    catalog = Catalog()
    for document in documents:
        entry, source = read_entry(yaml.safe_dump(document), f"{document['name']}.yaml")
        catalog = catalog.with_entry(entry, source)
    problems = check_catalog(catalog)
    assert not problems, "\n".join(map(str, problems))
    return catalog


def push(windmill: Any, catalog: Catalog) -> None:
    for key, flow in compile_catalog(catalog):
        windmill.flow(use_path(key), flow["value"])


def ran(windmill: Any, key: str, args: Doc) -> Doc:
    job = windmill.ended(windmill.post(f"/jobs/run/f/{use_path(key)}", args))
    return dict(job)


def meta(name: str, *steps: Doc, **more: Any) -> Doc:
    return {"kind": "meta-pipeline", "name": name, "steps": list(steps), **more}


def noop(id: str, value: Any = None, **more: Any) -> Doc:
    return {"id": id, "use": "playbooks/noop", "with": {"value": value}, **more}


FIVE_LEVELS = [
    NOOP,
    {
        "kind": "pipeline",
        "name": "four",
        "inputs": {"value": {"type": "string"}, "fail": {"type": "boolean", "default": False}},
        "steps": [
            {
                "id": "deepest",
                "use": "playbooks/noop",
                "with": {"value": "${inputs.value}", "fail": "${inputs.fail}"},
            },
            noop("after", "${steps.deepest.value}"),
        ],
        "outputs": {"value": "${steps.after.value}"},
    },
    *(
        meta(
            name,
            {"id": "first", "use": below, "with": {"value": "${inputs.value}-" + name}},
            {"id": "other", "use": below, "with": {"value": "b", "fail": "${inputs.fail}"}},
            {"id": "last", "use": "playbooks/noop", "needs": ["other"]},
            inputs={"value": {"type": "string"}, "fail": {"type": "boolean", "default": False}},
            outputs={"value": "${steps.first.value}"},
        )
        for name, below in (
            ("three", "pipelines/four"),
            ("two", "meta-pipelines/three"),
            ("one", "meta-pipelines/two"),
        )
    ),
]


@pytest.fixture(scope="module")
def five_levels(deployed: Any) -> Any:
    push(deployed, catalog_of(*FIVE_LEVELS))
    return deployed


def test_five_levels_run_in_the_right_order_and_hand_values_down_and_up(five_levels: Any) -> None:
    job = ran(five_levels, "meta-pipelines/one", {"value": "x"})
    assert job["success"], job["result"]
    assert job["result"] == {"value": [["x-one-two-three"]]}
    times = dict(intervals(five_levels, job))
    assert len([path for path in times if path.endswith("deepest")]) == 8
    for path, (began, _) in times.items():
        before = re.sub("after$", "deepest", re.sub("last$", "other", path))
        if before != path:
            assert times[before][1] <= began, f"{path} began before {before} ended"


def test_independent_steps_run_side_by_side(five_levels: Any) -> None:
    job = ran(five_levels, "meta-pipelines/three", {"value": "x"})
    times = dict(intervals(five_levels, job))
    assert times["first"][0] < times["other"][1]
    assert times["other"][0] < times["first"][1]


def test_a_failure_in_a_deep_leaf_surfaces_with_its_step(five_levels: Any) -> None:
    job = ran(five_levels, "meta-pipelines/one", {"value": "x", "fail": True})
    assert not job["success"]
    error = next(errors(job["result"]))
    assert (error["message"], error["step_id"]) == ("b is broken", "deepest")


def errors(result: Any) -> Iterator[Doc]:
    for item in result if isinstance(result, list) else [result]:
        if isinstance(item, list):
            yield from errors(item)
        elif isinstance(item, dict) and isinstance(item.get("error"), dict):
            yield item["error"]


def intervals(
    windmill: Any, job: Doc, path: str = ""
) -> Iterator[tuple[str, tuple[datetime, datetime]]]:
    """(path of step ids, (began, ended)) of every job below; our own wrappers left out."""
    for id, child in windmill.own_steps(job):
        here = f"{path}/{id}".strip("/") if id[:1].islower() else path
        if here != path:
            began = datetime.fromisoformat(child["started_at"])
            yield here, (began, datetime.fromisoformat(child["completed_at"]))
        yield from intervals(windmill, child, here)


SCALARS = st.one_of(st.integers(0, 3), st.sampled_from(["a", "b c", '"quoted"', "$x", "`"]))
NAMES = ("a", "b", "c", "d", "e")


@st.composite
def composites(draw: st.DrawFn, name: str, uses: list[str]) -> Doc:
    steps: list[Doc] = []
    for id in NAMES[: draw(st.integers(1, 4))]:
        steps.append(draw(step(id, steps, uses)))
    ids = [each["id"] for each in steps]
    outputs = {"value": f"${{steps.{draw(st.sampled_from(ids))}.value}}"}
    draw(st.randoms()).shuffle(steps)
    return meta(name, *steps, inputs={"value": {}}, outputs=outputs)


@st.composite
def step(draw: st.DrawFn, id: str, before: list[Doc], uses: list[str]) -> Doc:
    sources = ["${inputs.value}", *(f"${{steps.{each['id']}.value}}" for each in before)]
    source = draw(st.sampled_from(sources))
    made: Doc = {"id": id, "use": draw(st.sampled_from(uses))}
    value = draw(st.sampled_from([source, f"<{source}>", [source, 1], {"k": source}, 2, "plain"]))
    if draw(st.integers(0, 3)) == 0:
        made["for_each"] = draw(st.lists(SCALARS, max_size=3))
        value = draw(st.sampled_from([value, "${each.value}", "${each.index}: ${each.value}"]))
        source = draw(st.sampled_from([source, "${each.value}", "${each.index}"]))
    if draw(st.integers(0, 2)) == 0:
        made["when"] = f"{source} {draw(st.sampled_from(['==', '!=']))} {json.dumps(1)}"
    if draw(st.booleans()) and before:
        made["needs"] = [draw(st.sampled_from(before))["id"]]
    return {**made, "with": {"value": value}}


@st.composite
def catalogs(draw: st.DrawFn) -> list[Doc]:
    documents, uses = [NOOP], ["playbooks/noop"]
    for name in ("low", "mid", "top"):
        documents.append(draw(composites(name, uses)))
        uses = [*uses, f"meta-pipelines/{name}"]
    return documents


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(documents=catalogs(), value=SCALARS)
def test_a_random_catalog_does_what_a_naive_interpreter_does(
    deployed: Any, documents: list[Doc], value: Any
) -> None:
    catalog = catalog_of(*documents)
    push(deployed, catalog)
    calls: list[Any] = []
    entries: Mapping[str, Doc] = {f"{each['kind']}s/{each['name']}": each for each in documents}
    expected = Naive(entries, lambda inputs: leaf(inputs, calls)).run(
        "meta-pipelines/top", {"value": value}
    )
    job = ran(deployed, "meta-pipelines/top", {"value": value})
    assert job["success"], job["result"]
    assert job["result"] == expected
    made = [each["args"].get("value") for each in deployed.tree(job["id"]) if is_leaf(each)]
    assert sorted(map(json.dumps, made)) == sorted(map(json.dumps, calls))


def leaf(inputs: Doc, calls: list[Any]) -> Doc:
    value = inputs.get("value")
    calls.append(value)
    return {"value": [value], "type": type(value).__name__}


def is_leaf(job: Doc) -> bool:
    return (job["script_path"], job["job_kind"]) == ("f/test/leaf", "script")
