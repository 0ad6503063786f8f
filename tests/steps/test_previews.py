"""A source looked at by the program that would serve it, in a process of its own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync.desired.assets import asset_items
from windmill.scripts import preview_sources
from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.base.windmill_paths import asset_path
from windmill.scripts.model.catalog.catalog import read_catalog
from windmill.scripts.model.show.source_preview import SourcePreview
from windmill.scripts.provision.errors import PreviewFailed
from windmill.scripts.provision.reading import previews

ROOT = Path(__file__).parents[2]
CATALOG = read_catalog(ROOT / "catalog")[0]
Preview = Callable[..., list[Any]]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def program() -> dict[str, str]:
    """As it is pushed."""
    items = {item.path: item.body for item in asset_items(ROOT, CATALOG, [])}
    files: dict[str, str] = items[asset_path("serving")]["value"]
    return files


@pytest.fixture
def preview(program: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Preview:
    monkeypatch.setattr(preview_sources, "components", lambda: CATALOG.components)
    monkeypatch.setattr(preview_sources, "asset", lambda name: program)
    monkeypatch.setattr(preview_sources, "throttle", lambda: None)

    def ask(entry: str, node: str | None = None, **inputs: Any) -> list[Any]:
        drawn = CATALOG.entries[f"pipelines/{entry}"]
        pipeline = drawn.pipeline.model_dump(mode="json", exclude_none=True)
        request = {"pipeline": pipeline, "declared_inputs": drawn.inputs, "inputs": inputs}
        told = preview_sources.main(json.dumps(request), node)
        nodes: list[Any] = SourcePreview.model_validate(told).model_dump(mode="json")["nodes"]
        return nodes

    return ask


def test_pages_and_the_passages_they_are_cut_into_are_shown(
    preview: Preview, tmp_path: Path
) -> None:
    (tmp_path / "rules.md").write_text("The office opens at 7:30. " * 60)
    (tmp_path / "photo.jpg").write_bytes(b"")
    docs, chunks = preview("rag-chatbot", documents=str(tmp_path))
    assert (docs["reading"]["given"], docs["reading"]["read"]) == (2, 1)
    assert "photo.jpg: not read" in docs["reading"]["listed"][0]["reason"]
    assert docs["sample"]["texts"][0]["document"] == "rules.md"
    assert len(docs["sample"]["texts"][0]["text"]) == 1000, "no more than a person looks at"
    assert chunks["sample"]["of"] == "passage"
    assert chunks["sample"]["count"] == len(chunks["sample"]["texts"]) > 1


def test_what_would_fail_the_deployment_is_told_beside_what_can_be_read(
    preview: Preview, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text("The office opens at 7:30.")
    (tmp_path / "b.pdf").write_bytes(b"no PDF")
    docs, _ = preview("rag-chatbot", documents=str(tmp_path))
    assert "b.pdf: not a readable PDF" in docs["error"]["message"]
    assert (docs["reading"]["read"], docs["sample"]["texts"][0]["document"]) == (1, "a.md")


def test_columns_come_with_their_kinds_and_rows_as_they_are(
    preview: Preview, tmp_path: Path
) -> None:
    rows = "".join(f"{n}.5,{'ab'[n % 2]}\n" for n in range(30))
    (tmp_path / "pumps.csv").write_text(f"weight,kind\n{rows}")
    (data,) = preview("tabular-prediction", data=str(tmp_path / "pumps.csv"), target_column="kind")
    assert [(c["name"], c["kind"]) for c in data["sample"]["columns"]] == [
        ("weight", "number"),
        ("kind", "category"),
    ]
    assert data["sample"]["rows"][1] == [1.5, "b"]
    assert data["reading"]["read"] == data["sample"]["count"] == 30
    assert len(data["sample"]["rows"]) == 10


def test_of_many_files_the_first_are_looked_at_and_the_others_counted(
    preview: Preview, tmp_path: Path
) -> None:
    for number in range(25):
        (tmp_path / f"{number:02}.md").write_text(f"Number {number}.")
    docs, _ = preview("rag-chatbot", documents=str(tmp_path))
    assert (docs["reading"]["given"], docs["reading"]["read"]) == (25, 20)
    assert docs["reading"]["listed"][0]["reason"] == "5 files more: not looked at in a preview"


def test_one_node_may_be_named(preview: Preview, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("The office opens at 7:30.")
    (chunks,) = preview("rag-chatbot", "chunks", documents=str(tmp_path))
    assert (chunks["node"], chunks["reading"]) == ("chunks", None)
    with pytest.raises(InvalidInput, match=r"no node 'chunk'[\s\S]*chunks"):
        preview("rag-chatbot", "chunk", documents=str(tmp_path))


def test_nothing_is_read_outside_the_folders_for_data(
    preview: Preview, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "_answer", lambda *_: pytest.fail("it was read"))
    for path in ("/etc/hostname", str(tmp_path / ".ssh")):
        with pytest.raises(InvalidInput, match="is not read"):
            preview("rag-chatbot", documents=path)


def test_what_reads_holds_no_secret_of_the_worker(
    preview: Preview, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WM_TOKEN", "a-secret")
    assert "a-secret" not in previews._environment(tmp_path).values()


def test_a_reader_that_takes_too_long_is_ended_in_words(
    preview: Preview, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("The office opens at 7:30.")
    monkeypatch.setattr(previews, "SECONDS", 0)
    with pytest.raises(PreviewFailed, match="more than 0 seconds"):
        preview("rag-chatbot", documents=str(tmp_path))
