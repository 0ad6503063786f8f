import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from serving.component import Component
from serving.components import load_components
from serving.graph import wire
from serving.pipeline import Pipeline, read_pipeline
from serving.pipeline_errors import Cycle, NoSingleExit, PipelineError, UnreadablePipeline
from serving.port_types import Chat, Chunks
from tests.serving.support import chatbot

CASES = yaml.safe_load(Path(__file__).with_name("wiring_errors.yaml").read_text())


def edge(text: str) -> dict[str, str]:
    names = ("source", "source_port", "target", "target_port")
    return dict(zip(names, text.replace(" -> ", ".").split("."), strict=True))


def changed(case: dict[str, Any]) -> Pipeline:
    content = chatbot(Path("/docs"))
    dropped = case.get("drop", [])
    content["edges"] = [e for e in content["edges"] if e["target"] not in dropped]
    content["edges"] += [edge(text) for text in case.get("add", [])]
    content["nodes"] += [case["node"]] if "node" in case else []
    for node in content["nodes"]:
        if node["id"] in case.get("config", {}):
            node["config"] = case["config"][node["id"]] or {}
    return Pipeline.model_validate(content)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a_mistake_is_told_with_its_place_before_anything_runs(case: dict[str, Any]) -> None:
    with pytest.raises(PipelineError) as caught:
        wire(changed(case), load_components())
    assert case["error"] in caught.value.message
    assert caught.value.fix


class Shuffle(Component):
    kind = "shuffle"

    async def run(self, chunks: Chunks) -> Chunks:
        return chunks


def test_a_circle_is_told_with_its_path() -> None:
    nodes = [{"id": id, "component": "shuffle"} for id in "ab"]
    edges = [edge("a.chunks -> b.chunks"), edge("b.chunks -> a.chunks")]
    content = {"name": "x", "deployment_id": "x", "nodes": nodes, "edges": edges}
    with pytest.raises(Cycle, match=r"a → b → a|b → a → b"):
        wire(Pipeline.model_validate(content), {"shuffle": Shuffle})


def test_a_pipeline_without_an_exit_is_refused() -> None:
    content = chatbot(Path("/docs"))
    content["nodes"].pop()
    content["edges"].pop()
    with pytest.raises(NoSingleExit, match="this one has 0"):
        wire(Pipeline.model_validate(content), load_components())


def test_nodes_run_after_those_they_need_whatever_the_order_in_the_file() -> None:
    content = chatbot(Path("/docs"))
    content["nodes"].reverse()
    graph = wire(Pipeline.model_validate(content), load_components())
    assert [node.id for node in graph.nodes] == [n["id"] for n in reversed(content["nodes"])]
    assert graph.served == {Chat}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "JSON"),
        ("[]", "the file: Input should be an object"),
        (json.dumps(chatbot(Path("/d")) | {"nodes": []}), "nodes: List should have at least 1"),
        (
            json.dumps(chatbot(Path("/d")) | {"nodes": [{"id": "../x", "component": "documents"}]}),
            "nodes.0.id: String should match pattern",
        ),
    ],
)
def test_a_broken_pipeline_file_is_told_by_name_and_field(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "pipeline.json"
    path.write_text(text)
    with pytest.raises(UnreadablePipeline) as caught:
        read_pipeline(path)
    assert str(path) in caught.value.message
    assert reason in caught.value.message


def test_a_missing_pipeline_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePipeline, match="No such file"):
        read_pipeline(tmp_path / "none.json")
