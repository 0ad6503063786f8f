"""What a request would read, told by a worker and kept nowhere."""

from typing import Any

import httpx
import pytest

from gateway.runs.asking import previews
from tests.gateway.stack import Stack, drawing

RAG = {"pipeline": "rag-chatbot", "inputs": {"documents": "/data"}}


async def preview(api: httpx.AsyncClient, body: dict[str, Any], **query: str) -> httpx.Response:
    return await api.post("/pipelines/preview", json=body, params=query)


async def test_of_a_catalog_pipeline_and_of_a_drawing(api: httpx.AsyncClient) -> None:
    answer = await preview(api, RAG, node="docs")
    assert answer.status_code == 200, answer.text
    (node,) = answer.json()["nodes"]
    assert (node["node"], node["reading"]["read"]) == ("docs", 1)
    assert node["sample"]["texts"][0]["text"] == "what /data holds"
    assert answer.headers["cache-control"] == "no-store"
    assert (await preview(api, drawing())).status_code == 200


async def test_nothing_of_what_was_read_is_kept(api: httpx.AsyncClient, stack: Stack) -> None:
    secret = "/data/of-nobody-else"
    assert (await preview(api, {**RAG, "inputs": {"documents": secret}})).status_code == 200
    with stack.windmill() as http:
        query = {"script_path_exact": "f/mlops/preview_sources", "per_page": "1000"}
        jobs = [job["id"] for job in http.get("/jobs/list", params=query).json()]
        assert jobs
        assert secret not in "".join(http.get(f"/jobs_u/get/{job}").text for job in jobs)


@pytest.mark.parametrize(
    ("documents", "status", "code", "says"),
    [
        ("/refused", 422, "preview_refused", "outside the folders for data"),
        ("/broken", 502, "preview_unknown", "a worker that fails"),
    ],
)
async def test_a_refusal_is_told_apart_from_a_worker_that_failed(
    api: httpx.AsyncClient, documents: str, status: int, code: str, says: str
) -> None:
    answer = await preview(api, {**RAG, "inputs": {"documents": documents}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert says in answer.json()["error"]["message"]


async def test_what_deploys_several_is_refused_in_words(api: httpx.AsyncClient) -> None:
    answer = await preview(api, {"pipeline": "meta-pipelines/storey-1", "target": "local"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "nothing_to_preview")


async def test_where_nobody_answers_it_says_so(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "PATIENCE_SECONDS", 0.0)
    answer = await preview(api, RAG)
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "preview_unknown")
