"""The border: who may call, what is refused, and how the gateway tells of itself."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.gateway.conftest import Connect
from tests.gateway.stack import BY_ROLE, ROOT, SECRET, TOKEN, Stack, running_gateway

pytestmark = pytest.mark.slow

KEY = "caller-key-for-tests-only"


async def test_without_a_key_only_this_machine_is_served(connect: Connect) -> None:
    for caller in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        async with connect(caller=caller) as http:
            assert (await http.get("/pipelines")).status_code == 200
    for caller in ("10.0.0.7", "::ffff:10.0.0.7", "testclient"):
        async with connect(caller=caller) as http:
            answer = await http.get("/pipelines")
            assert answer.status_code == 401
            assert "MLOPS_API_KEY" in answer.json()["error"]["fix"]


@pytest.mark.parametrize(
    "headers",
    [{"host": "evil.example"}, {"origin": "https://evil.example"}, {"origin": "null"}],
    ids=["rebound name", "other origin", "no origin"],
)
async def test_web_pages_of_others_are_not_this_machine(
    connect: Connect, headers: dict[str, str]
) -> None:
    async with connect() as http:
        assert (await http.get("/pipelines", headers=headers)).status_code == 401


async def test_with_a_key_everybody_needs_it(connect: Connect) -> None:
    async with connect(caller="10.0.0.7", api_key=KEY) as http:
        for given in ({}, {"Authorization": f"Bearer {KEY}x"}, {"Authorization": "Bearer é"}):
            headers = [(name.encode(), value.encode()) for name, value in given.items()]
            assert (await http.get("/pipelines", headers=headers)).status_code == 401
        right = {"Authorization": f"Bearer {KEY}"}
        assert (await http.get("/pipelines", headers=right)).status_code == 200
        for open_to_all in ("/health", "/metrics", "/openapi.json"):
            assert (await http.get(open_to_all)).status_code == 200


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{half", "application/json", 422),
        (b'{"pipeline": "x"}', "text/plain", 422),
        (b"\xff\xfe", "application/json", 422),
        (b'{"pipeline": "' + b"x" * 1_000_001 + b'"}', "application/json", 413),
    ],
    ids=["not JSON", "not called JSON", "not text", "too large"],
)
async def test_a_bad_body_is_refused_in_words(
    api: httpx.AsyncClient, content: bytes, kind: str, status: int
) -> None:
    answer = await api.post("/pipelines/deploy", content=content, headers={"content-type": kind})
    assert answer.status_code == status, answer.text
    assert {"code", "message", "fix"} <= answer.json()["error"].keys()


async def test_a_body_of_unknown_length_is_limited_too(api: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"pipeline": "'
        for _ in range(30):
            yield b"x" * 50_000

    headers = {"content-type": "application/json"}
    answer = await api.post("/pipelines/deploy", content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nothing", 404, "not_found"), ("PUT", "/pipelines", 405, "method_not_allowed")],
)
async def test_unknown_routes_are_errors_like_all_others(
    api: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await api.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_health_tells_of_windmill_and_registry(api: httpx.AsyncClient) -> None:
    answer = await api.get("/health")
    health = answer.json()
    assert (answer.status_code, health["status"]) == (200, "healthy")
    assert health["windmill"]["version"]
    assert health["registry"]["reachable"] is True


async def test_without_windmill_callers_are_told_what_to_do(connect: Connect) -> None:
    async with connect(windmill_api_url="http://127.0.0.1:9") as http:
        health = await http.get("/health")
        assert (health.status_code, health.json()["windmill"]["reachable"]) == (503, False)
        body = {"pipeline": "rag-chatbot", "inputs": {}}
        answer = await http.post("/pipelines/deploy", json=body)
        assert answer.status_code == 503
        assert "mlops up" in answer.json()["error"]["fix"]


async def test_a_refusal_of_windmill_is_passed_on(connect: Connect) -> None:
    async with connect(windmill_viewer_key="wrong") as http:
        answer = await http.get("/catalog")
        assert answer.status_code == 502
        assert answer.json()["error"]["code"] == "windmill_refused"
        assert "401" in answer.json()["error"]["message"]


async def test_without_the_registry_health_says_so(connect: Connect) -> None:
    async with connect(database_url="sqlite:////nonexistent/folder/registry.db") as http:
        health = await http.get("/health")
        assert (health.status_code, health.json()["registry"]["reachable"]) == (503, False)
        assert (await http.get("/pipelines")).status_code == 503


async def test_metrics_count_by_route_template(api: httpx.AsyncClient) -> None:
    for id in ("one", "two"):
        await api.get(f"/pipelines/{id}/status")
    await api.get("/no/such/route")
    text = (await api.get("/metrics")).text
    labels = 'method="GET",route="/pipelines/{id}/status",status="404"'
    assert f"api_requests_total{{{labels}}} 2.0" in text
    assert 'route="none"' in text
    assert "no/such" not in text
    assert 'api_response_time_seconds_count{route="/pipelines/{id}/status"} 2.0' in text


async def test_the_catalog_shows_entries_with_their_inputs(api: httpx.AsyncClient) -> None:
    entries = {entry["key"]: entry for entry in (await api.get("/catalog")).json()}
    assert {"pipelines/rag-chatbot", "meta-pipelines/house", "playbooks/note"} <= entries.keys()
    shown = entries["pipelines/rag-chatbot"]
    assert shown["summary"] == "Answers questions about your documents"
    assert shown["inputs"]["required"] == ["documents"]
    for key in ("rag-chatbot", "pipelines/rag-chatbot"):
        assert (await api.get(f"/catalog/{key}")).json() == shown
    house = (await api.get("/catalog/house")).json()
    assert house == entries["meta-pipelines/house"], "whatever kind it is of"
    missing = await api.get("/catalog/rag-chatbt")
    assert missing.status_code == 404
    assert "Did you mean 'pipelines/rag-chatbot'?" in missing.json()["error"]["fix"]


async def test_components_are_those_that_were_pushed(api: httpx.AsyncClient) -> None:
    components = (await api.get("/components")).json()
    assert {"documents", "llm-chat"} <= components.keys()
    assert components["text-splitter"]["inputs"] == {
        "documents": {"type": "documents", "optional": False}
    }


async def test_offers_are_those_of_the_pushed_prices_and_the_others_say_why(
    api: httpx.AsyncClient,
) -> None:
    told = (await api.get("/offers", params={"gpu": "H100", "max_hourly_usd": 2.5})).json()
    best = told["candidates"][0]
    assert (best["offer"]["target"], best["offer"]["gpu"]) == ("vastai", "H100 SXM")
    assert best["baseline"] == "AWS p5.48xlarge"
    assert "it costs 3.99 an hour, at most 2.50" in [each["reason"] for each in told["refused"]]
    misspelt = await api.get("/offers", params={"gpuu": "H100"})
    assert misspelt.status_code == 422


async def test_the_documentation_shows_both_ways_to_deploy(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]
    assert {"CatalogDeploy", "DrawingDeploy", "StatusAnswer"} <= schemas.keys()
    assert "/api/v1/pipelines/deploy" in document["paths"]
    assert "4XX" in document["paths"]["/api/v1/pipelines/deploy"]["post"]["responses"]


def test_no_start_without_its_secrets_and_none_is_shown() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway"],
        cwd=ROOT,
        env={"WINDMILL_API_KEY": TOKEN, "SECRET_KEY": "short", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    for name in ("SECRET_KEY", "DATABASE_URL", "WINDMILL_API_URL"):
        assert f"{name}:" in done.stderr
    assert "short" not in done.stderr.replace("too_short", "").replace("shorter", "")
    assert TOKEN not in done.stderr
    assert "Traceback" not in done.stderr


def test_it_runs_as_a_program_and_keeps_secrets_out_of_its_log(
    stack: Stack, tmp_path: Path
) -> None:
    with running_gateway(stack, tmp_path, MLOPS_API_KEY=KEY, DEBUG="true") as url:
        assert httpx.get(f"{url}/pipelines").status_code == 401
        right = {"Authorization": f"Bearer {KEY}"}
        assert httpx.get(f"{url}/api/v1/pipelines", headers=right).status_code == 200
        assert httpx.get(f"{url}/docs").status_code == 200
    log = (tmp_path / "gateway.log").read_text()
    assert not [secret for secret in (KEY, *BY_ROLE.values(), SECRET) if secret in log]
