from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.serving.llm_double import LlmDouble
from tests.serving.support import chatbot, live_api, write_pdf

MOON = {"documents": [{"name": "moon.md", "text": "The moon base has 17 greenhouses."}]}


def best_source(api: httpx.Client, question: str) -> dict[str, object]:
    source: dict[str, object] = api.post("/chat", json={"question": question}).json()["sources"][0]
    return source


def test_what_is_ingested_is_found_and_survives_a_restart(
    llm: LlmDouble, handbook: Path, tmp_path: Path
) -> None:
    question = "How many greenhouses are on the moon?"
    with live_api(chatbot(handbook), tmp_path, llm.url) as api:
        added = api.post("/ingest", json=MOON).json()
        assert added == {"added_chunks": 1, "documents": ["moon.md"]}
        assert best_source(api, question)["document"] == "moon.md"

    with live_api(chatbot(handbook), tmp_path, llm.url) as api:
        assert best_source(api, question)["document"] == "moon.md"
        assert api.get("/health").json()["documents"] == 2


def test_ingesting_the_same_again_adds_nothing_and_new_content_replaces(
    llm: LlmDouble, handbook: Path, tmp_path: Path
) -> None:
    with live_api(chatbot(handbook), tmp_path, llm.url) as api:
        api.post("/ingest", json=MOON)
        assert api.post("/ingest", json=MOON).json()["added_chunks"] == 0

        newer = {"documents": [{"name": "moon.md", "text": "The moon base has 99 greenhouses."}]}
        assert api.post("/ingest", json=newer).json()["added_chunks"] == 1
        assert "99" in str(best_source(api, "How many greenhouses are on the moon?")["passage"])
        assert api.get("/health").json()["documents"] == 2


def test_a_pdf_is_taken_as_its_bytes_whatever_content_type_it_claims(
    llm: LlmDouble, handbook: Path, tmp_path: Path
) -> None:
    pdf = write_pdf(tmp_path / "x.pdf", ["First page.", "The tunnel is 57 km long."]).read_bytes()
    with live_api(chatbot(handbook), tmp_path / "data", llm.url) as api:
        for kind in ("application/pdf", "application/json", "text/plain"):
            sent = api.put("/ingest/t%20unnel.pdf", content=pdf, headers={"Content-Type": kind})
            assert sent.json()["documents"] == ["t unnel.pdf"], sent.text
        source = best_source(api, "How long is the tunnel?")
    assert (source["document"], source["page"]) == ("t unnel.pdf", 2)


def test_many_at_once_all_arrive(llm: LlmDouble, handbook: Path, tmp_path: Path) -> None:
    names = [f"note{number}.txt" for number in range(12)]
    with live_api(chatbot(handbook), tmp_path, llm.url) as api, ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: api.put(f"/ingest/{n}", content=n.encode()), names))
        assert {answer.status_code for answer in answers} == {200}
        assert api.get("/health").json()["documents"] == 1 + len(names)


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("/ingest/a.exe", b"text", "its ending is unknown"),
        ("/ingest/.hidden.md", b"text", "it is not a plain file name"),
        ("/ingest/..%5Cup.md", b"text", "it is not a plain file name"),
        ("/ingest/a%00.md", b"text", "it is not a plain file name"),
        ("/ingest/" + "x" * 220 + ".md", b"text", "it is not a plain file name"),
        ("/ingest/a.pdf", b"not a pdf", "a.pdf: not a readable PDF"),
        ("/ingest/a.md", b"", "a.md: there is no text in it"),
    ],
)
def test_a_bad_document_is_refused_and_leaves_no_trace(
    api: httpx.Client, path: str, content: bytes, message: str
) -> None:
    response = api.put(path, content=content)
    assert response.status_code == 422
    assert message in response.json()["error"]["message"]
    assert api.get("/health").json()["documents"] == 1


@pytest.mark.parametrize("name", ["../up.md", "a/b.md", "/etc/x.md"])
def test_a_name_cannot_leave_the_folder(api: httpx.Client, name: str) -> None:
    documents = [{"name": "good.md", "text": "Good."}, {"name": name, "text": "Bad."}]
    response = api.post("/ingest", json={"documents": documents})
    assert response.status_code == 422
    assert api.get("/health").json()["documents"] == 1, "all or nothing"


def test_documents_may_come_later_than_the_start(llm: LlmDouble, tmp_path: Path) -> None:
    with live_api(chatbot(tmp_path / "none"), tmp_path / "data", llm.url) as api:
        assert api.get("/health").json()["status"] == "unhealthy"
        assert api.post("/ingest", json=MOON).status_code == 200
        assert api.get("/health").json()["status"] == "healthy"
