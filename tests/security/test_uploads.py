"""What is uploaded is bounded, counts only once it is served, and never keeps a pipeline down."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serving import errors
from serving.documents.uploads import Room, Uploads
from serving.runtime import Runtime
from tests.serving.llm_double import LlmDouble
from tests.serving.support import chatbot, live_api

pytestmark = pytest.mark.slow


@pytest.fixture
def llm() -> Iterator[LlmDouble]:
    double = LlmDouble()
    yield double
    double.close()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("A machine may stay idle for three days.")
    return tmp_path / "docs"


def limited(docs: Path, **limits: int) -> dict[str, Any]:
    content = chatbot(docs)
    content["nodes"][0]["config"] |= limits
    return content


def test_uploads_have_a_quota_are_listed_and_can_be_taken_away(
    llm: LlmDouble, docs: Path, tmp_path: Path
) -> None:
    content = limited(docs, max_uploads=2)
    with live_api(content, tmp_path / "data", llm.url) as api:
        for name in ("x.md", "y.md", "y.md"):
            assert api.put(f"/ingest/{name}", content=f"The word is {name}.").status_code == 200
        full = api.put("/ingest/z.md", content="One more.")
        assert (full.status_code, full.json()["error"]["code"]) == (409, "uploads_full")
        assert full.json()["error"]["message"].startswith("2 documents (34 bytes) are uploaded")
        assert "DELETE /ingest/NAME" in full.json()["error"]["fix"]

        kept = api.get("/ingest").json()
        assert [each["name"] for each in kept["documents"]] == ["x.md", "y.md"]
        assert (kept["bytes"], kept["max_documents"], kept["max_bytes"]) == (34, 2, 200_000_000)

        left = api.delete("/ingest/x.md").json()
        assert [each["name"] for each in left["documents"]] == ["y.md"]
        assert api.delete("/ingest/x.md").status_code == 404
        assert api.delete("/ingest/a.md").status_code == 404, "it is the operator's"
        sources = api.post("/chat", json={"question": "What is the word?"}).json()["sources"]
        assert "x.md" not in {source["document"] for source in sources}
        assert api.put("/ingest/z.md", content="One more.").status_code == 200


def test_bytes_count_too(docs: Path, llm: LlmDouble, tmp_path: Path) -> None:
    content = limited(docs, max_upload_mb=1)
    with live_api(content, tmp_path / "data", llm.url) as api:
        assert api.put("/ingest/x.md", content="words " * 200_000).status_code == 409
        assert api.get("/ingest").json()["documents"] == []


def test_five_thousand_uploads_do_not_keep_a_pipeline_from_its_start(
    llm: LlmDouble, docs: Path, tmp_path: Path
) -> None:
    """As an attacker left them before there was a quota; some of them cannot be read."""
    uploads = tmp_path / "data/nodes/documents/uploads"
    uploads.mkdir(parents=True)
    for number in range(5000):
        (uploads / f"{number:04}.md").write_text(f"spam {number}" if number % 2 else "")
    content = limited(docs, max_uploads=10)
    with live_api(content, tmp_path / "data", llm.url) as api:
        health = api.get("/health").json()
        assert (health["status"], health["documents"]) == ("healthy", 6)
        assert "4990 uploads more than max_uploads are left out" in health["skipped_documents"]
        assert api.put("/ingest/new.md", content="New.").status_code == 409
        api.delete("/ingest/0001.md")
        assert api.get("/health").json()["documents"] == 5


def test_what_cannot_be_served_is_not_kept(
    llm: LlmDouble, docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live_api(chatbot(docs), tmp_path / "data", llm.url) as api:
        assert api.put("/ingest/x.md", content="First.").status_code == 200

        async def fails(self: Runtime) -> None:
            raise errors.StartFailed(reason="it cannot be embedded")

        with monkeypatch.context() as patch:
            patch.setattr(Runtime, "refresh", fails)
            assert api.put("/ingest/x.md", content="Second.").status_code == 503
            assert api.put("/ingest/y.md", content="Other.").status_code == 503
        assert [each["name"] for each in api.get("/ingest").json()["documents"]] == ["x.md"]
    kept = tmp_path / "data/nodes/documents/uploads/x.md"
    assert kept.read_text() == "First."


def test_the_last_document_is_no_longer_answered_from_when_it_is_taken_away(
    llm: LlmDouble, tmp_path: Path
) -> None:
    with live_api(chatbot(tmp_path / "none"), tmp_path / "data", llm.url) as api:
        assert api.put("/ingest/x.md", content="The secret is plover.").status_code == 200
        assert api.delete("/ingest/x.md").status_code == 200
        answer = api.post("/chat", json={"question": "What is the secret?"})
        assert answer.status_code == 503
        assert "plover" not in answer.text
        assert api.put("/ingest/y.md", content="Now another.").status_code == 200
        assert api.get("/health").json()["status"] == "healthy"


def test_all_or_none_are_kept_also_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = Uploads(tmp_path, Room(10, 1000))
    uploads.put({"a.md": b"1"})
    written: list[Path] = []

    def full(path: Path, content: bytes) -> None:
        if len(written) == 1:
            written.append(path)
            raise OSError(28, "No space left on device")
        written.append(path)
        path.write_bytes(content)

    monkeypatch.setattr("serving.documents.uploads.write_atomically", full)
    with pytest.raises(errors.UploadNotKept, match="No space left"):
        uploads.put({"a.md": b"2", "b.md": b"2"})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.md": b"1"}
