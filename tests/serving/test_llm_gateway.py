"""The OpenAI-style address, passed on to a model server that is as strict as LiteLLM."""

import json
from collections.abc import Iterator

import httpx
import pytest

from tests.serving.llm_double import LlmDouble
from tests.serving.support import live_api, samples, served, until

pytestmark = pytest.mark.slow

QUESTION = {"model": "chat", "messages": [{"role": "user", "content": "Hello"}]}
STRICT = {
    "max_tokens": 5, "temperature": 0, "stream": True, "stream_options": {"include_usage": True},
}  # fmt: skip


@pytest.fixture(scope="module")
def shared(
    llm_server: LlmDouble, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    pipeline = served("llm-gateway", "completions")
    with live_api(pipeline, tmp_path_factory.mktemp("gateway"), llm_server.url) as api:
        yield api


@pytest.fixture
def api(llm: LlmDouble, shared: httpx.Client) -> httpx.Client:
    return shared


def test_a_stream_is_passed_on_as_it_is_and_counted(api: httpx.Client, llm: LlmDouble) -> None:
    def tokens() -> float:
        return sum(samples(api, "llm_tokens_total").values())

    before = tokens()
    answer = api.post("/v1/chat/completions", json=QUESTION | STRICT)
    events = [line.removeprefix("data: ") for line in answer.text.splitlines() if line]
    words = [json.loads(event)["choices"] for event in events[:-1]]

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "".join(c[0]["delta"]["content"] for c in words if c) == "Three days."
    assert events[-1] == "[DONE]"
    assert tokens() == before + 24
    assert llm.requests[0].model == "chat"


def test_the_first_model_answers_where_none_is_named(api: httpx.Client, llm: LlmDouble) -> None:
    api.post("/v1/chat/completions", json={"messages": QUESTION["messages"]} | STRICT)
    assert llm.requests[0].model == "chat"


def test_words_leave_while_the_model_still_talks_and_a_client_that_leaves_stops_it(
    api: httpx.Client, llm: LlmDouble
) -> None:
    llm.mode = "endless"
    with api.stream("POST", "/v1/chat/completions", json=QUESTION | STRICT) as answer:
        assert "Three" in next(answer.iter_text())
        assert not llm.stopped.is_set()
    until(llm.stopped.is_set)


def test_models_are_those_behind(api: httpx.Client) -> None:
    assert api.get("/v1/models").json()["data"][0]["id"] == "smollm2"


def test_a_refusal_keeps_its_status_and_words(api: httpx.Client, llm: LlmDouble) -> None:
    llm.mode = "error"
    answer = api.post("/v1/chat/completions", json=QUESTION | STRICT)
    assert answer.status_code == 500
    assert answer.json()["error"]["message"] == "no model is loaded"


@pytest.mark.parametrize("body", [{}, {"messages": []}, {"messages": "hello"}])
def test_a_request_without_messages_is_refused_here(
    api: httpx.Client, llm: LlmDouble, body: dict[str, object]
) -> None:
    assert api.post("/v1/chat/completions", json=body).status_code == 422
    assert not llm.requests


def test_who_names_a_key_or_an_address_is_told_and_the_model_is_not_asked(
    api: httpx.Client, llm: LlmDouble
) -> None:
    answer = api.post("/v1/chat/completions", json=QUESTION | {"api_base": "http://127.0.0.1:1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "parameter")
    assert not llm.requests


def test_a_model_server_that_is_gone_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("gone")
    with live_api(served("llm-gateway", "completions"), folder, "http://127.0.0.1:9/v1") as api:
        answer = api.post("/v1/chat/completions", json=QUESTION)
        assert answer.status_code == 502
        assert answer.json()["error"]["code"] == "llm_unreachable"
