from pathlib import Path
from typing import Any

import pytest
import yaml

from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.base.windmill_paths import use_path
from windmill.scripts.model.check.check_catalog import load_catalog, load_entry
from windmill.scripts.model.compile.compile_catalog import compile_entry
from windmill.scripts.model.drawing.component import Component
from windmill.scripts.model.drawing.pipeline import Edge, Node, Pipeline
from windmill.scripts.model.drawing.validation import check_pipeline, normalize

ROOT = Path(__file__).parents[3] / "catalog"
CATALOG = load_catalog(ROOT)
GOOD = (ROOT / "pipelines" / "rag-chatbot.yaml").read_text()
CASES = yaml.safe_load((Path(__file__).parent / "bad_catalog.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_bad_input_is_one_clear_error_with_place_and_fix(case: dict[str, Any]) -> None:
    old, new = case["replace"]
    assert old in GOOD, "the case no longer changes anything"
    text = GOOD.replace(old, new).replace(*case.get("also", ("", "")))
    with pytest.raises(InvalidInput) as caught:
        load_entry(text, "pipelines/rag-chatbot.yaml", CATALOG.components)
    problem = next((p for p in caught.value.problems if case["says"] in p.message), None)
    assert problem, f"said instead: {caught.value}"
    assert case.get("fix", "") in problem.fix
    assert problem.field.startswith(case.get("field", ""))
    assert problem.file == "pipelines/rag-chatbot.yaml"
    assert problem.line == case.get("line", problem.line)
    assert problem.line > 0


def test_all_problems_are_told_at_once() -> None:
    text = GOOD.replace("text-splitter", "x").replace("inputs.top_k", "inputs.y")
    with pytest.raises(InvalidInput) as caught:
        load_entry(text, "rag-chatbot.yaml", CATALOG.components)
    assert {p.code for p in caught.value.problems} == {"E-CAT-003", "E-CAT-004"}


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    bomb = "a0: &a0 [x]\n" + "\n".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)
    )
    with pytest.raises(InvalidInput, match="aliases"):
        load_entry(bomb, "x.yaml", CATALOG.components)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(InvalidInput, match="deeply"):
        load_entry("[" * 5000, "x.yaml", CATALOG.components)


ENTRY = CATALOG.entries["pipelines/rag-chatbot"]


def test_values_that_break_a_setting_are_found_before_anything_starts() -> None:
    values = {"documents": "/d", "top_k": 99}
    (problem,) = check_pipeline(ENTRY.pipeline, CATALOG.components, ENTRY.inputs, values)
    assert "99 is greater than the maximum of 20" in problem.message


def test_settling_resolves_inputs_fills_defaults_and_names_ports() -> None:
    settled = normalize(ENTRY.pipeline, CATALOG.components, {"documents": "/d", "top_k": 7})
    assert settled.node("docs").config["path"] == "/d"
    assert settled.node("store").config == {"top_k": 7, "search": "hybrid"}
    assert settled.node("chat").config["model"] == "smollm2"
    assert (settled.edges[0].source_port, settled.edges[0].target_port) == ("documents",) * 2


def test_a_value_that_looks_like_a_reference_stays_text() -> None:
    values = {"documents": "/d/${inputs.top_k}/{{x}}", "top_k": 3}
    settled = normalize(ENTRY.pipeline, CATALOG.components, values)
    assert settled.node("docs").config["path"] == "/d/${inputs.top_k}/{{x}}"


def test_a_pipeline_compiles_to_one_flow_byte_for_byte() -> None:
    flow = compile_entry(ENTRY)
    assert yaml.safe_dump(flow) == yaml.safe_dump(compile_entry(ENTRY))
    assert use_path(ENTRY.key) == "f/mlops/catalog/pipelines/rag-chatbot"
    (module,) = flow["value"]["modules"]
    assert module["value"]["path"] == "f/mlops/ml_pipeline_deployment"
    assert flow["schema"]["required"] == ["documents"]
    assert {
        "documents",
        "unreadable",
        "ocr",
        "top_k",
        "target",
        "target_settings",
        "max_hourly_usd",
        "approve",
        "name",
    } == set(flow["schema"]["properties"])


@pytest.mark.parametrize("policy", ["unreadable", "bad_rows"])
def test_a_template_lets_people_say_what_happens_with_what_cannot_be_read(policy: str) -> None:
    with_policy = {name for name, kind in CATALOG.components.items() if policy in kind.config}
    for entry in CATALOG.entries.values():
        nodes = entry.pipeline.nodes if entry.graph else ()
        for node in nodes:
            if node.component in with_policy:
                assert node.config[policy] == f"${{inputs.{policy}}}", entry.key


def test_every_shipped_component_says_what_it_is_for() -> None:
    assert len(CATALOG.components) >= 6
    for component in CATALOG.components.values():
        assert component.summary
        assert all(setting.get("description") for setting in component.config.values())


def test_a_drawing_that_runs_in_a_circle_names_the_way_round() -> None:
    port = {"type": "text"}
    again = Component.model_validate(
        {"kind": "component", "name": "again", "version": "1", "type": "preprocessing"}
        | {"title": "", "summary": "", "inputs": {"text": port}, "outputs": {"text": port}}
    )
    nodes = tuple(Node(id=name, component="again") for name in "abc")
    edges = tuple(Edge(source=s, target=t) for s, t in ("ab", "bc", "ca"))
    drawing = Pipeline(name="x", nodes=nodes, edges=edges)
    (problem,) = check_pipeline(drawing, {"again": again})
    assert problem.message == "the nodes form a cycle: a → b → c → a"
    assert (problem.code, problem.field) == ("E-CAT-009", "edges[2]")
