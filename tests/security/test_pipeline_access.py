"""A pipeline's API on a machine that others use: its key, its names, and whose pages may ask it."""

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from serving import __main__ as program
from serving.api import app as module
from serving.api.access import Access
from serving.components import load_components
from serving.errors import StartFailed
from serving.graph import wire
from serving.models.llm import Llm
from serving.pipeline import Pipeline
from serving.pipeline_errors import BadSetting, KeyMissing
from serving.runtime import Runtime
from tests.serving.support import chatbot

KEY = "mk-" + "5" * 64
HOST = "127.0.0.1:20100"
OPEN = {"GET /", "GET /health", "GET /metrics", "GET /docs"}
BEARER = {"Authorization": f"Bearer {KEY}"}
REFUSED = {401: "key", 403: "origin", 421: "host"}


class Client:
    """Asks an app of this process: nothing is started."""

    def __init__(self, app: FastAPI) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._request(method, path, **options))

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        url = f"http://{HOST}{path}"
        async with httpx.AsyncClient(transport=self._transport) as client:
            return await client.request(method, url, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)


class NoLlm(Llm):
    async def problem(self) -> str | None:
        return None


def api(folder: Path, access: Access, **endpoint: Any) -> Client:
    """With the routes of every kind of pipeline at once."""
    pipeline = Pipeline.model_validate(chatbot(folder, api_endpoint=endpoint))
    graph = wire(pipeline, load_components())
    runtime = Runtime(graph, NoLlm("", ""), folder)
    runtime.failure = StartFailed(reason="severance of Ann Miller.pdf: it is damaged", fix="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_offers", lambda *_: True)
        app = module.create_app(pipeline, runtime, access=access)
    return Client(app)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return api(tmp_path_factory.mktemp("data"), Access(KEY, hosts=(".example.org",)))


@pytest.fixture(scope="module")
def calls(guarded: Client) -> list[str]:
    """`POST /chat`, and so on: all that the app answers."""
    document = guarded.get("/openapi.json", headers=BEARER).json()
    found = [
        f"{method.upper()} {re.sub('{[^}]*}', 'x', path)}"
        for path, methods in document["paths"].items()
        for method in methods
    ]
    return [*found, "GET /", "GET /docs", "GET /openapi.json", "POST /health", "GET /nowhere"]


def statuses(
    client: Client, calls: Iterable[str], headers: dict[str, str] | None = None
) -> dict[str, int]:
    answers = {call: client.request(*call.split(" "), headers=headers) for call in calls}
    for answer in answers.values():
        if code := REFUSED.get(answer.status_code):
            assert answer.json()["error"]["code"] == code
            assert answer.json()["error"]["fix"]
    return {call: answer.status_code for call, answer in answers.items()}


def light(calls: list[str]) -> list[str]:
    """Without the one that starts a reader of files."""
    return [call for call in calls if call != "PUT /summarize/x"]


def test_all_kinds_of_routes_are_tried(calls: list[str]) -> None:
    wanted = {"POST /chat", "POST /predict", "POST /batch", "GET /ingest", "DELETE /ingest/x"}
    wanted |= {"POST /v1/chat/completions", "POST /v1/embeddings", "GET /report", "GET /model"}
    assert wanted <= set(calls)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {KEY}x"},
        {"Authorization": f"Bearer {KEY[:-1]}"},
        {"Authorization": f"Bearer {KEY} {KEY}"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": KEY},
        {"Authorization": b"Bearer \xff"},
        {"X-API-Key": KEY},
        {"Cookie": f"key={KEY}"},
    ],
)
def test_without_its_key_only_what_must_be_open_answers(
    guarded: Client, calls: list[str], headers: dict[str, str]
) -> None:
    found = statuses(guarded, calls, headers)
    assert {call for call, status in found.items() if status != 401} == OPEN


def test_a_key_in_the_address_opens_nothing(guarded: Client) -> None:
    assert guarded.get("/openapi.json", params={"key": KEY, "api_key": KEY}).status_code == 401


def test_two_keys_are_none(guarded: Client) -> None:
    twice = [("Authorization", f"Bearer {KEY}"), ("Authorization", f"Bearer {KEY}")]
    assert guarded.get("/openapi.json", headers=twice).status_code == 401


def test_its_key_opens_all(guarded: Client, calls: list[str]) -> None:
    assert REFUSED.keys().isdisjoint(statuses(guarded, light(calls), BEARER).values())


def test_a_program_is_told_how_to_show_the_key(guarded: Client) -> None:
    answer = guarded.request("POST", "/chat")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "Authorization: Bearer" in answer.json()["error"]["fix"]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:20100", "127.0.0.1.evil.example", "localhost.evil.example",
        "example.org", "evilexample.org", "2130706433", "0x7f.1", "127.1", "", "a b",
        "evil.example@127.0.0.1", "127.0.0.1, evil.example", "[::1].evil.example", "127.0.0.1:x",
    ],
)  # fmt: skip
def test_a_name_that_is_not_its_own_is_refused_even_with_the_key(
    guarded: Client, calls: list[str], host: str
) -> None:
    assert set(statuses(guarded, calls, {**BEARER, "Host": host}).values()) == {421}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.0.0.1:20100", "localhost:9", "LOCALHOST", "localhost.", "a.localhost",
        "[::1]:20100", "192.168.7.4", "chat.example.org", "a.b.EXAMPLE.org:443",
    ],
)  # fmt: skip
def test_addresses_and_its_names_are_answered(guarded: Client, host: str) -> None:
    assert guarded.get("/openapi.json", headers={**BEARER, "Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "null", f"http://{HOST}.evil.example", "http://127.0.0.1:20101",
        "http://localhost:20100", f"file://{HOST}", f"http://{HOST},https://evil.example", "x[",
    ],
)  # fmt: skip
def test_pages_from_elsewhere_are_refused_even_with_the_key(
    guarded: Client, calls: list[str], origin: str
) -> None:
    assert set(statuses(guarded, calls, {**BEARER, "Origin": origin}).values()) == {403}


def test_its_own_pages_may_ask(guarded: Client) -> None:
    own = {**BEARER, "Origin": f"http://{HOST}"}
    assert guarded.get("/openapi.json", headers=own).status_code == 200
    behind_tls = {**BEARER, "Host": "chat.example.org", "Origin": "https://chat.example.org"}
    assert guarded.get("/openapi.json", headers=behind_tls).status_code == 200


def test_pages_that_the_endpoint_names_may_ask_and_need_the_key_too(tmp_path: Path) -> None:
    page = "https://shop.example"
    client = api(tmp_path, Access(KEY), cors_origins=[page])
    preflight = {"Origin": page, "Access-Control-Request-Method": "POST"}
    asked = client.request("OPTIONS", "/chat", headers=preflight)
    assert asked.headers["access-control-allow-origin"] == page
    refused = client.get("/openapi.json", headers={"Origin": page})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, page)
    assert client.get("/openapi.json", headers={**BEARER, "Origin": page}).status_code == 200
    other = {**BEARER, "Origin": "https://evil.example"}
    assert client.get("/openapi.json", headers=other).status_code == 403


def test_without_a_key_the_names_and_pages_count_all_the_same(
    tmp_path: Path, calls: list[str]
) -> None:
    client = api(tmp_path, Access())
    assert REFUSED.keys().isdisjoint(statuses(client, light(calls)).values())
    assert set(statuses(client, calls, {"Host": "evil.example"}).values()) == {421}
    assert set(statuses(client, calls, {"Origin": "https://evil.example"}).values()) == {403}


def test_health_tells_a_stranger_that_it_is_ill_and_not_of_which_document(
    guarded: Client,
) -> None:
    stranger, owner = guarded.get("/health"), guarded.get("/health", headers=BEARER)
    assert stranger.status_code == owner.status_code == 503
    assert stranger.json()["status"] == "unhealthy"
    assert "Ann Miller" in owner.json()["reason"]
    assert "Ann Miller" not in stranger.text + guarded.get("/metrics").text + guarded.get("/").text


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.7.4", "ml.example.org", ""])
def test_a_server_without_a_key_listens_to_its_machine_alone(host: str) -> None:
    with pytest.raises(KeyMissing, match="API_KEY"):
        program._require_key("", host)
    program._require_key(KEY, host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.42"])
def test_by_hand_on_this_machine_no_key_is_needed_and_that_is_said(
    host: str, caplog: pytest.LogCaptureFixture
) -> None:
    program._require_key("", host)
    assert "every program of this machine" in caplog.text


def test_a_key_that_can_be_guessed_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadSetting) as refused:
        program._require_key("letmein", "127.0.0.1")
    assert "letmein" not in str(refused.value)
