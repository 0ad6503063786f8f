from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.flow.normal import normal
from sync.api import Item, desired
from sync.desired.flow_steps import misshapen, results_used, steps_in
from sync.items import Kind
from tests.sync.conftest import Write
from windmill.scripts.model.base.errors import InvalidInput

CASES = yaml.safe_load((Path(__file__).parent / "data/flows.yaml").read_text("utf-8"))
ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = {
    "windmill/scripts/price.py": "def main(amount: int, rate: float = 1): ...\n",
    "windmill/scripts/lib.py": "import uv\n\nRATE = 1\n",
}
FLOW = "windmill/flows/x.flow/flow.yaml"
KEYS = ("type", "modules", "branches", "default", "input_transforms", "expr", "path", "value", "id")
SCHEMA = "schema: {type: object, properties: {amount: {type: integer}}}\n"


def flow_text(modules: str, more: str = "") -> str:
    lines = [
        "summary: x",
        "value:",
        "  modules:",
        *(f"    {line}" for line in modules.splitlines()),
    ]
    return "\n".join([*lines, *(f"  {line}" for line in more.splitlines()), SCHEMA])


def pushed_flow(checkout: Write, text: str, files: dict[str, str] | None = None) -> Item:
    items = desired(checkout({**SCRIPTS, FLOW: text, **(files or {})}))
    return next(item for item in items if item.path == "f/mlops/x")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_flow_that_would_trip_is_refused(checkout: Write, case: dict[str, Any]) -> None:
    text = case.get("text") or flow_text(case["modules"], case.get("more", ""))
    with pytest.raises(InvalidInput) as refused:
        pushed_flow(checkout, text, case.get("files"))
    for expected in case["expect"]:
        assert expected in str(refused.value)


GOOD = """\
- id: a
  value:
    type: script
    path: f/mlops/price
    input_transforms: {amount: {type: static, value: results.nobody}}
- id: loop
  value:
    type: forloopflow
    iterator: {type: javascript, expr: '[flow_input.amount]'}
    modules:
      - {id: b, value: {type: identity}, skip_if: {expr: 'flow_input.iter.value > results.a'}}
- id: hub
  value: {type: script, path: hub/1/x/y, input_transforms: {any: {type: static, value: 1}}}
- id: inline
  value: {type: rawscript, language: python3, content: '!inline a.py', input_transforms: {}}
- {id: e, value: {type: identity}, stop_after_if: {expr: 'myresults.zzz == xflow_input.q'}}
"""


def test_a_good_flow_is_accepted_with_its_inline_files_read_in(checkout: Write) -> None:
    inline = "import uv\nfrom f.mlops.price import main as price\n\n\ndef main(): ...\n"
    item = pushed_flow(checkout, flow_text(GOOD), {"windmill/flows/x.flow/a.py": inline})
    step = next(step for step in steps_in(item.body["value"]) if step.id == "inline")
    assert step.value["content"] == inline
    assert step.value["lock"].startswith("# py: 3.11\nuv==")
    assert item.needs >= {"folder/mlops", "script/f/mlops/price"}


def test_a_flow_needs_the_flows_it_runs_and_may_run_itself(checkout: Write) -> None:
    sub = "- {id: a, value: {type: flow, path: f/mlops/%s, input_transforms: {}}}\n"
    files = {"windmill/flows/y/z.flow/flow.yaml": flow_text("- {id: a, value: {type: identity}}\n")}
    assert "flow/f/mlops/y/z" in pushed_flow(checkout, flow_text(sub % "y/z"), files).needs
    assert pushed_flow(checkout, flow_text(sub % "x")).needs >= {"folder/mlops"}


def test_two_sources_of_one_flow_are_refused(checkout: Write) -> None:
    flow = "windmill/flows/catalog/pipelines/rag-chatbot.flow/flow.yaml"
    modules = "- {id: a, value: {type: identity}}\n"
    files = {flow: flow_text(modules), "windmill/flows/ml_pipeline_deployment.flow/flow.yaml": ""}
    for name in ("components", "pipelines", "playbooks"):
        for file in (ROOT / "catalog" / name).glob("*.yaml"):
            files[f"catalog/{name}/{file.name}"] = file.read_text("utf-8")
    with pytest.raises(InvalidInput, match=f"E-FLOW-011.*also made from {flow}"):
        desired(checkout(files))


@pytest.mark.parametrize(
    ("expression", "steps"),
    [
        ("results.a.b + results.c", {"a", "c"}),
        ("results?.a", {"a"}),
        ("results['a-b']", {"a-b"}),
        ("x.results.a", set()),
        ("const results_x = 1", set()),
    ],
)
def test_steps_an_expression_uses(expression: str, steps: set[str]) -> None:
    assert results_used(expression) == steps


def test_all_problems_of_scripts_flows_and_assets_come_together(checkout: Write) -> None:
    root = checkout(
        {
            "windmill/scripts/a.py": "import pandas\n",
            "windmill/flows/x.flow/flow.yaml": "summary: x\n",
            "catalog/pipelines/p.yaml": "kind: pipeline\n",
        }
    )
    (root / "ansible").mkdir()
    (root / "ansible/blob").write_bytes(b"\xff\xfe")
    (root / "requirements/litellm.lock").unlink()
    with pytest.raises(InvalidInput) as refused:
        desired(root)
    codes = {problem.code for problem in refused.value.problems}
    assert {"E-SYNC-004", "E-SYNC-005", "E-SYNC-006", "E-FLOW-001"} <= codes
    assert any(problem.file == "catalog/pipelines/p.yaml" for problem in refused.value.problems)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("abc", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=25,
)


EXPRESSION = st.fixed_dictionaries({"type": st.just("javascript"), "expr": st.text()})
STATIC = st.fixed_dictionaries({"type": st.just("static"), "value": JSON})


@given(value=JSON)
def test_any_document_is_either_refused_or_walked(value: Any) -> None:
    document = {"value": {"modules": [{"id": "a", "value": value}]}, "schema": value}
    assert list(misshapen(document)) or any(steps_in(document["value"]))


@given(inputs=st.dictionaries(st.text(), EXPRESSION | STATIC))
def test_every_expression_of_a_step_is_walked(inputs: dict[str, Any]) -> None:
    step = {"type": "script", "path": "f/mlops/price", "input_transforms": inputs}
    document = {"value": {"modules": [{"id": "a", "value": step}]}, "schema": {}}
    assert not list(misshapen(document))
    (walked,) = steps_in(document["value"])
    written = [given["expr"] for given in inputs.values() if "expr" in given]
    assert [text for _, text in walked.expressions()] == written


UNSAID = """\
- id: one
  value:
    type: branchone
    default: [{id: d, value: {type: identity}}]
    branches:
      - expr: 'true'
        modules:
          - id: all
            value: {type: branchall, branches: [{modules: [{id: x, value: {type: identity}}]}]}
- id: loop
  value:
    type: forloopflow
    parallel: true
    parallelism: 4
    skip_failures: false
    iterator: {type: static, value: [1]}
    modules: [{id: y, value: {type: identity}}]
"""


def test_what_a_flow_leaves_out_is_pushed_as_the_server_says_it(checkout: Write) -> None:
    value = pushed_flow(checkout, flow_text(UNSAID)).body["value"]
    one, loop = (module["value"] for module in value["modules"])
    assert {"parallel": True, "skip_failure": True}.items() <= one["branches"][0].items()
    inner = one["branches"][0]["modules"][0]["value"]["branches"][0]
    assert {"expr": "", "parallel": True, "skip_failure": True}.items() <= inner.items()
    assert loop["parallelism"] == {"type": "static", "value": 4}
    assert normal(value) == value


def test_our_own_flows_are_pushed_as_the_server_keeps_them() -> None:
    values = [item.body["value"] for item in desired(ROOT) if item.kind is Kind.flow]
    assert values
    assert [normal(value) for value in values] == values
