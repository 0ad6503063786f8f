from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.serving.llm_double import LlmDouble
from tests.serving.support import chatbot, live_api, samples

CASES = yaml.safe_load(Path(__file__).with_name("bad_requests.yaml").read_text())
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a_bad_request_is_refused_in_clear_text(
    api: httpx.Client, llm: LlmDouble, case: dict[str, Any]
) -> None:
    if "json_repeat" in case:
        response = api.post("/chat", json={"question": "x" * case["json_repeat"]})
    elif "json" in case:
        response = api.post("/chat", json=case["json"])
    else:
        response = api.post("/chat", content=case["text"], headers=JSON)

    assert response.status_code == case["status"], response.text
    error = response.json()["error"]
    assert case["message"] in error["message"]
    assert set(error) == {"code", "message", "fix"}
    assert not llm.requests


def test_a_body_without_an_announced_length_is_counted_while_it_arrives(api: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"question": "'
        for _ in range(400):
            yield b"x" * 1000

    response = api.post("/chat", content=endless(), headers=JSON)
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "too_large"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/predict", 404),
        ("POST", "/batch", 404),
        ("GET", "/nothing", 404),
        ("GET", "/chat", 405),
        ("DELETE", "/health", 405),
    ],
)
def test_a_route_the_pipeline_lacks_is_answered_with_those_it_has(
    api: httpx.Client, method: str, path: str, status: int
) -> None:
    response = api.request(method, path)

    assert response.status_code == status
    assert path in response.json()["error"]["message"]
    assert "POST /chat" in response.json()["error"]["fix"]
    assert "/predict" not in response.json()["error"]["fix"]


def test_openapi_shows_what_the_pipeline_offers_and_how_it_fails(api: httpx.Client) -> None:
    document = api.get("/openapi.json").json()

    assert set(document["paths"]) == {
        "/chat", "/ingest", "/ingest/{filename}", "/health", "/metrics", "/reading",
    }  # fmt: skip
    chat = document["paths"]["/chat"]["post"]
    assert set(chat["responses"]["200"]["content"]) == {"application/json", "text/event-stream"}
    schema = chat["responses"]["422"]["content"]["application/json"]["schema"]
    assert schema["$ref"].endswith("/Failure")
    assert "question" in document["components"]["schemas"]["Question"]["required"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_the_page_shows_the_pipeline_and_takes_nothing_from_elsewhere(api: httpx.Client) -> None:
    page = api.get("/")

    assert "<h1>rag-chatbot</h1>" in page.text
    assert "POST /chat" in page.text
    assert "http" not in page.text.replace("httpx", "")
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_the_page_escapes_what_people_wrote(llm: LlmDouble, handbook: Path, tmp_path: Path) -> None:
    title = "<script>alert(1)</script> $title"
    with live_api(chatbot(handbook, api_endpoint={"title": title}), tmp_path, llm.url) as api:
        page = api.get("/").text
        assert api.get("/openapi.json").json()["info"]["title"] == title
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; $title" in page


def test_pages_of_the_named_origins_may_call_the_api_and_no_others(
    llm: LlmDouble, handbook: Path, tmp_path: Path
) -> None:
    pipeline = chatbot(handbook, api_endpoint={"cors_origins": ["https://app.example"]})
    with live_api(pipeline, tmp_path, llm.url) as api:
        for origin, allowed in (("https://app.example", True), ("https://evil.example", False)):
            headers = api.get("/health", headers={"Origin": origin}).headers
            assert ("access-control-allow-origin" in headers) is allowed


def test_metrics_know_routes_by_template_and_never_by_what_a_client_chose(
    api: httpx.Client,
) -> None:
    api.get("/secret-path")
    api.put("/ingest/secret-name.exe", content=b"x")
    api.request("STRANGE", "/chat")

    text = api.get("/metrics").text
    assert "secret" not in text
    assert 'route="/ingest/{filename}"' in text
    assert "STRANGE" not in text


def test_chat_counts_in_requests_time_and_tokens(api: httpx.Client) -> None:
    def total(name: str, *parts: str) -> float:
        found = samples(api, name)
        return sum(n for labels, n in found.items() if all(part in labels for part in parts))

    def counts() -> list[float]:
        return [
            total("api_requests_total", '"/chat"', '"POST"', '"200"'),
            total("api_response_time_seconds_count", '"/chat"'),
            total("llm_tokens_total", '"completion"'),
        ]

    before = counts()
    api.post("/chat", json={"question": "Hotels?"})
    assert [after - was for after, was in zip(counts(), before, strict=True)] == [1, 1, 3]
    assert api.get("/health").json()["avg_response_time_seconds"] > 0


def test_metrics_tell_the_size_and_the_cost(api: httpx.Client) -> None:
    labels = '{deployment="rag-chatbot-3f9a2c",pipeline="rag-chatbot"}'
    for name, value in (
        ("pipeline_documents", 1), ("pipeline_chunks", 4), ("compute_cost_per_hour", 0.5),
    ):  # fmt: skip
        assert samples(api, name) == {name + labels: value}


def test_health_tells_all_is_well(api: httpx.Client) -> None:
    response = api.get("/health")
    health = response.json()

    assert response.status_code == 200
    assert health.pop("uptime_seconds") >= 0
    health.pop("avg_response_time_seconds")
    assert health == {
        "status": "healthy",
        "reason": None,
        "failed": False,
        "failed_node": None,
        "pipeline": "rag-chatbot",
        "deployment_id": "rag-chatbot-3f9a2c",
        "revision": 2,
        "documents": 1,
        "chunks": 4,
        "skipped_documents": [],
        "llm": {"reachable": True},
        "gpu_usage": None,
        "copies": None,
    }
