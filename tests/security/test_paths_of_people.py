"""Whatever path a person gives: nothing is read but data, nothing written but one's own result."""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from serving.component import Component, Context
from serving.components import load_components
from serving.errors import PathRefused, ServingError, UnreadableDocuments
from serving.file_gate import FileGate
from serving.models.llm import Llm
from tests.serving.learning.chains import told
from tests.serving.llm_double import LlmDouble
from tests.serving.support import live_api, served, until
from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.drawing.component import Component as CatalogComponent
from windmill.scripts.provision.reading.source_paths import PATHS
from windmill.scripts.targets.resolution import resolve_pipeline

pytestmark = pytest.mark.slow

CANARY = "root:x:0:0:canary"
CATALOG = Path(__file__).parents[2] / "catalog" / "components"
REQUIRED: dict[str, dict[str, Any]] = {
    "batch-inference": {"prompt": "{a}"},
    "evaluation": {"endpoint": "https://llm.example/v1"},
}


@pytest.fixture
def llm() -> Iterator[LlmDouble]:
    double = LlmDouble()
    yield double
    double.close()


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the platform, beside the only folder for data."""
    (tmp_path / "data").mkdir()
    (tmp_path / "platform").mkdir()
    monkeypatch.setenv("MLOPS_DATA_ROOTS", str(tmp_path / "data"))
    secret = tmp_path / "platform" / "secret.csv"
    secret.write_text(CANARY + "\nrow\n")
    return secret


def made(kind: str, folder: Path, **config: Any) -> Component:
    component = load_components()[kind]
    context = Context(folder, folder, Llm("", ""), lambda _: None, FileGate.of(os.environ, folder))
    return component(component.Config.model_validate(REQUIRED.get(kind, {}) | config), context)


@pytest.mark.parametrize("kind", sorted(PATHS))
@pytest.mark.parametrize("by_link", [False, True])
async def test_a_file_outside_the_folders_for_data_is_refused_unread(
    secret: Path, tmp_path: Path, kind: str, by_link: bool
) -> None:
    path = secret
    if by_link:
        path = tmp_path / "data" / "link.csv"
        path.symlink_to(secret)
    with pytest.raises(PathRefused) as caught:
        await made(kind, tmp_path / "node", **{PATHS[kind]: str(path)}).run()
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("kind", sorted(PATHS))
def test_a_deployment_that_would_read_it_is_refused_before_it_begins(
    secret: Path, kind: str
) -> None:
    node = {"component": kind, "config": REQUIRED.get(kind, {}) | {PATHS[kind]: str(secret)}}
    with pytest.raises(InvalidInput) as caught:
        resolve_pipeline(drawn(node), catalog(), {}, {}, None)
    (problem,) = caught.value.problems
    assert problem.field == f"nodes[0].config.{PATHS[kind]}"
    assert problem.message == f"{secret} is not read: it lies outside the folders for data"
    assert "MLOPS_DATA_ROOTS" in problem.fix


def catalog() -> dict[str, CatalogComponent]:
    found = (yaml.safe_load(file.read_text("utf-8")) for file in CATALOG.glob("*.yaml"))
    return {each["name"]: CatalogComponent.model_validate(each) for each in found}


def drawn(node: dict[str, Any]) -> dict[str, Any]:
    """Ends in an endpoint, by way of what takes the node's output."""
    ways = {
        "documents": ["text-splitter", "embeddings", "vector-store", "llm-chat"],
        "website": ["text-splitter", "embeddings", "vector-store", "llm-chat"],
        "table": ["tabular-model"],
        "images": ["image-classifier"],
    }
    configs = {"tabular-model": {"target": "t"}}
    kinds = [*ways.get(node["component"], []), "api-endpoint"]
    nodes = [{"id": "source", **node}]
    nodes += [{"id": kind, "component": kind, "config": configs.get(kind, {})} for kind in kinds]
    ids = [each["id"] for each in nodes]
    edges = [{"source": a, "target": b} for a, b in pairwise(ids)]
    return {"name": "x", "nodes": nodes, "edges": edges}


OUTPUTS = ["/tmp/x.jsonl", "../x.jsonl", "a/b.csv", "..", ".hidden", "a\nb", "run\0.json"]


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_result_is_named_and_never_placed(tmp_path: Path, output: str) -> None:
    with pytest.raises(ValueError, match=r"no plain file name; .* GET /batch/output gives it"):
        made("batch-inference", tmp_path, input="/data/x.csv", output=output)
    config = {"input": "/data/x.csv", "prompt": "{a}", "output": output}
    with pytest.raises(InvalidInput) as caught:
        resolve_pipeline(
            drawn({"component": "batch-inference", "config": config}), catalog(), {}, {}, None
        )
    assert "GET /batch/output gives it" in caught.value.problems[0].fix


def test_a_result_lies_in_the_deployment_s_own_folder(llm: LlmDouble, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"a": 1}\n')
    config = {"input": str(rows), "prompt": "{a}", "output": "run.json"}
    with live_api(served("batch-inference", "job", **config), tmp_path / "d", llm.url) as api:
        until(lambda: api.get("/batch").json()["status"] == "done")
        assert '"answer"' in api.get("/batch/output").text
    assert (tmp_path / "d/nodes/model/output/run.json").is_file()


async def test_a_link_in_a_folder_of_documents_is_told_and_not_followed(
    secret: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "docs"
    folder.mkdir()
    (folder / "fine.md").write_text("Fine.")
    (folder / "link.md").symlink_to(secret)
    source = made("documents", tmp_path / "node", path=str(folder))
    with pytest.raises(UnreadableDocuments, match=r"link\.md: it lies outside"):
        await source.run()
    skipping = made("documents", tmp_path / "node", path=str(folder), unreadable="skip")
    found = await skipping.run()
    assert "canary" not in str(found)
    assert "link.md" in str(found)


@pytest.mark.parametrize("kind", ["documents", "table", "batch-inference", "evaluation"])
async def test_a_pipe_holds_nobody(secret: Path, tmp_path: Path, kind: str) -> None:
    os.mkfifo(tmp_path / "data" / "pipe.csv")
    path = str(tmp_path / "data" / "pipe.csv")
    with pytest.raises(ServingError):
        await made(kind, tmp_path / "node", **{PATHS[kind]: path}).run()


def test_uploads_are_read_where_the_platform_s_folder_is_private(
    llm: LlmDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, other = tmp_path / "deployments/a/data", tmp_path / "deployments/b/data"
    other.mkdir(parents=True)
    (other / "x.csv").write_text(CANARY + "\n1\n")
    monkeypatch.setenv("MLOPS_DATA_ROOTS", str(tmp_path))
    monkeypatch.setenv("MLOPS_PRIVATE_FOLDERS", str(tmp_path / "deployments"))
    content = served("batch-inference", "job", input=str(other / "x.csv"), prompt="{a}")
    with live_api(content, own, llm.url) as api:
        assert "lies outside the folders for data" in told(api)
        assert "canary" not in told(api)
