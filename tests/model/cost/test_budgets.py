"""Budget checks as compiled: their expressions evaluated as a flow would, then priced."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.flow.expressions import Scope, evaluate
from tests.model.cost.budgets import PRICES, TABLE, catalog
from windmill.scripts.model.base.errors import BudgetExceeded
from windmill.scripts.model.base.reference import Reference
from windmill.scripts.model.compile.compile_catalog import compile_catalog
from windmill.scripts.model.cost.budget import Check, check, share_of, shares
from windmill.scripts.model.cost.prices import Prices
from windmill.scripts.model.drawing.pipeline import Compute
from windmill.scripts.model.entry.condition import BadCondition, condition

Doc = dict[str, Any]
CATALOG = catalog()
FLOWS = dict(compile_catalog(CATALOG))
SOURCE = Prices.model_validate(PRICES)


def scope(flow_input: Doc, results: Doc) -> Scope:
    made = Scope({"flow_input": flow_input, "previous_result": None})
    made.lookups.update(results=lambda key: results.get(key))
    return made


def budget_checks(modules: list[Doc]) -> Iterator[Doc]:
    for module in modules:
        value = module["value"]
        if value.get("path") == "f/mlops/check_budget":
            yield {"skip_if": module.get("skip_if"), **value["input_transforms"]["checks"]}
        for branch in value.get("branches", []):
            yield from budget_checks(branch["modules"])
        yield from budget_checks(value.get("modules", []))


def javascript(expression: str, flow_input: Doc, results: Doc) -> Any:
    return asyncio.run(evaluate(expression, scope(flow_input, results)))


def is_skipped(module: Doc, flow_input: Doc, results: Doc) -> bool:
    condition = module["skip_if"]
    return bool(condition) and javascript(f"!!({condition['expr']})", flow_input, results)


def evaluated(transform: Doc, flow_input: Doc, results: Doc) -> Any:
    if transform["type"] == "static":
        return transform["value"]
    return javascript(transform["expr"], flow_input, results)


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda c: f"{c['entry']}: {c['with']}")
def test_a_budget_check_refuses_what_goes_over_and_nothing_else(case: Doc) -> None:
    results = case.get("results", {})
    modules = [
        module
        for module in budget_checks(FLOWS[case["entry"]]["value"]["modules"])
        if not is_skipped(module, case["with"], results)
    ]
    assert bool(modules) == bool(case.get("checks", True))
    said = ""
    try:
        for module in modules:
            for each in evaluated(module, case["with"], results):
                check(Check.model_validate(each), SOURCE)
    except BudgetExceeded as error:
        said = str(error)
    assert case.get("says", "") in said
    assert bool(said) == ("says" in case)


def test_the_budget_check_comes_before_anything_but_the_question_for_a_target() -> None:
    for key in ("pipelines/asked", "playbooks/train"):
        assert FLOWS[key]["value"]["modules"][0]["id"] == "B"
    pair = FLOWS["meta-pipelines/pair"]["value"]["modules"]
    assert [module["id"] for module in pair][:2] == ["Target", "B"]
    dear = FLOWS["meta-pipelines/step"]["value"]["modules"]
    assert [module["id"] for module in dear] == ["Target", "B", "free", "B_dear", "dear"]


def test_a_pipeline_that_asks_for_its_target_is_capped_where_it_is_deployed() -> None:
    deploy = FLOWS["pipelines/asked"]["value"]["modules"][-1]
    drawing = deploy["value"]["input_transforms"]["pipeline"]["value"]
    assert drawing["compute"]["max_hourly_usd"] == 1.5


def test_without_prices_nothing_that_has_a_budget_starts() -> None:
    (module,) = budget_checks(FLOWS["meta-pipelines/pair"]["value"]["modules"])
    (asked,) = evaluated(module, {"target": "runpod"}, {})
    with pytest.raises(BudgetExceeded, match="no known price"):
        check(Check.model_validate(asked), Prices())


SMALL = {"gpu": {"memory_gb": 24}}
LARGE = {"gpu": {"memory_gb": 48}}
OFFERED = Prices.model_validate(
    {
        "offers": [
            {"target": "runpod", "name": name, "gpu": name, "gpu_memory_gb": gb, "hourly_usd": usd,
             "source": "x"}
            for name, gb, usd in (("L4", 24, 0.2), ("A40", 48, 0.3))
        ]
    }
)  # fmt: skip


def limited(limit: float | None, *wanted: tuple[Doc, int], **more: Any) -> Check:
    requests = [
        {"path": "", "compute": compute, "targets": ["runpod"], "target": "runpod", "count": count}
        for compute, count in wanted
    ]
    return Check.model_validate(
        {"level": "x", "budget": {"max_hourly_usd": limit}, "requests": requests, **more}
    )


def test_what_each_machine_may_cost_is_its_part_of_the_whole_and_never_more() -> None:
    found = shares(limited(1.4, (SMALL, 2), (LARGE, 1)), OFFERED)
    assert [each.hourly_usd for each in found] == [0.4, 0.6]
    tight = shares(limited(0.7, (SMALL, 2), (LARGE, 1)), OFFERED)
    assert [each.hourly_usd for each in tight] == [0.2, 0.3]
    odd = shares(limited(1.0, (SMALL, 2), (LARGE, 1)), OFFERED)
    assert odd[0].hourly_usd * 2 + odd[1].hourly_usd <= 1.0
    ordered = Compute.model_validate({**SMALL, "max_hourly_usd": 1.4, "replicas": 1})
    assert share_of(found, ordered, "runpod") == 0.4
    assert share_of(found, ordered, "vastai") is None
    (asked,) = limited(2.0, (SMALL, 2)).requests
    open_ = limited(2.0).model_copy(
        update={"requests": (asked.model_copy(update={"target": None, "asks": True}),)}
    )
    assert share_of(shares(open_, OFFERED), ordered, "vastai") == 1.0, "whichever is chosen later"


def test_where_the_whole_is_not_known_nothing_is_shared_out() -> None:
    assert shares(limited(None, (SMALL, 2)), OFFERED) == []
    asked = limited(9, (SMALL, 2))
    (request,) = asked.requests
    endless = request.model_copy(update={"endless": True})
    assert shares(asked.model_copy(update={"requests": (endless,)}), OFFERED) == []
    assert shares(asked, Prices()) == []


SAMPLES: list[Any] = [None, True, False, 0, 1, -2, 1.5, "", "a", "1", [], [1], {}]
VALUES = st.sampled_from(SAMPLES)
OPERAND = st.sampled_from(["${inputs.a}", "${inputs.b}", "1", "-2", "'a'", "true", "null", "[1]"])
COMPARED = st.one_of(
    st.tuples(OPERAND, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), OPERAND),
    st.tuples(OPERAND, st.sampled_from(["in", "not in"]), st.sampled_from(["[1, 'a']", "[null]"])),
).map(" ".join)
CONDITIONS = st.recursive(
    st.one_of(COMPARED, OPERAND),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({' '.join(p)})"),
        inner.map(lambda text: f"(not {text})"),
    ),
    max_leaves=4,
)


@settings(max_examples=60)
@given(text=CONDITIONS, a=VALUES, b=VALUES, nothing=st.sampled_from(["null", "undefined"]))
def test_conditions_hold_here_when_they_hold_in_javascript(
    text: str, a: Any, b: Any, nothing: str
) -> None:
    test = condition(text)
    values = {"a": a, "b": b}
    written = {
        key: nothing if value is None else json.dumps(value) for key, value in values.items()
    }
    expression = test.javascript(lambda found: written[found.head])
    try:
        holes = [hole for hole in test.holes if isinstance(hole, Reference)]
        holds = test.holds([values[hole.head] for hole in holes])
    except BadCondition as error:
        assume("neither smaller nor larger" not in str(error))
        raise
    assert holds == javascript(f"!!({expression})", {}, {})


def permissions(key: str, flow_input: Doc, results: Doc) -> list[Any]:
    """What each step that deploys is told that it may cost."""
    told = list(deploying(FLOWS[key]["value"]["modules"]))
    return [evaluated(each["max_hourly_usd"], flow_input, results) for each in told]


def deploying(modules: list[Doc]) -> Iterator[Doc]:
    for module in modules:
        value = module["value"]
        if value["type"] == "flow":
            yield value["input_transforms"]
        for branch in value.get("branches", []):
            yield from deploying(branch["modules"])
        yield from deploying(value.get("modules", []))


@pytest.mark.parametrize(
    ("key", "said", "results", "allowed"),
    [
        ("pipelines/asked", {}, {}, None),
        ("pipelines/asked", {"max_hourly_usd": 9}, {}, 9),
        ("meta-pipelines/pair", {}, {}, 2.5),
        ("meta-pipelines/pair", {"max_hourly_usd": 0}, {}, 0),
        ("meta-pipelines/pair", {"max_hourly_usd": 1}, {}, 1),
        ("meta-pipelines/pair", {"max_hourly_usd": 9}, {}, 2.5),
        ("meta-pipelines/pair", {}, {"Target": {"max_hourly_usd": 1}}, 1),
        ("meta-pipelines/pair", {}, {"Target": {"max_hourly_usd": None}}, 2.5),
        ("meta-pipelines/step", {}, {"Target": {"max_hourly_usd": 0.5}}, 0.5),
        ("meta-pipelines/step", {"max_hourly_usd": 9}, {}, 1),
    ],
)
def test_permission_to_spend_is_handed_down_and_a_budget_is_the_most_of_it(
    key: str, said: Doc, results: Doc, allowed: float | None
) -> None:
    found = permissions(key, said, results)
    assert found
    assert set(found) == {allowed}
