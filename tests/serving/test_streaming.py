import json
from contextlib import nullcontext
from typing import Any

import httpx
import pytest

from tests.serving.llm_double import LlmDouble, Mode
from tests.serving.support import samples, until

QUESTION = {"question": "How long may a rented GPU stay idle?", "stream": True}
Events = list[tuple[str, dict[str, Any]]]


def events(response: httpx.Response) -> Events:
    assert response.headers["content-type"].startswith("text/event-stream")
    blocks = [block.split("\n") for block in response.text.strip().split("\n\n")]
    return [(name[len("event: ") :], json.loads(data[len("data: ") :])) for name, data in blocks]


def test_sources_come_first_then_each_token_then_done(api: httpx.Client) -> None:
    found = events(api.post("/chat", json=QUESTION))

    assert [name for name, _ in found] == ["sources", "token", "token", "token", "done"]
    assert found[0][1]["sources"][0]["page"] == 3
    assert [data["text"] for _, data in found[1:4]] == ["Three", " days", "."]
    assert found[-1][1]["answer"] == "Three days."
    assert found[-1][1]["usage"] == {"prompt_tokens": 21, "completion_tokens": 3}


def test_a_client_may_ask_for_events_by_its_accept_header(api: httpx.Client) -> None:
    question = {"question": "Hotels?"}
    response = api.post("/chat", json=question, headers={"Accept": "text/event-stream"})
    assert events(response)[-1][0] == "done"


def test_tokens_leave_while_the_model_still_talks(api: httpx.Client, llm: LlmDouble) -> None:
    llm.mode = "endless"
    with api.stream("POST", "/chat", json=QUESTION) as response:
        arrived = next(response.iter_text())
        assert arrived.startswith("event: sources")
        assert not llm.stopped.is_set()


@pytest.mark.parametrize("body", [QUESTION, {**QUESTION, "stream": False}])
def test_a_client_that_leaves_stops_the_model(
    api: httpx.Client, llm: LlmDouble, body: dict[str, object]
) -> None:
    llm.mode = "endless"
    with (
        httpx.Client(base_url=api.base_url, timeout=httpx.Timeout(10, read=4)) as client,
        pytest.raises(httpx.ReadTimeout) if not body["stream"] else nullcontext(),
        client.stream("POST", "/chat", json=body) as response,
    ):
        next(text for text in response.iter_text() if "more" in text)
    assert llm.requests, "the client left before the model was asked"
    assert llm.stopped.wait(20), "the model still works for nobody"
    if not body["stream"]:
        until(lambda: any('"499"' in labels for labels in samples(api, "api_requests_total")))


@pytest.mark.parametrize(
    ("mode", "names", "code"),
    [
        ("error", ["sources", "error"], "llm_refused"),
        ("breaks", ["sources", "token", "token", "token", "error"], "llm_refused"),
        ("garbled", ["sources", "error"], "llm_garbled"),
    ],
)
def test_a_failing_model_ends_the_stream_with_an_error(
    api: httpx.Client, llm: LlmDouble, mode: Mode, names: list[str], code: str
) -> None:
    llm.mode = mode
    found = events(api.post("/chat", json=QUESTION))

    assert [name for name, _ in found] == names
    assert found[-1][1]["error"]["code"] == code


def test_a_stream_counts_as_one_request(api: httpx.Client) -> None:
    def count() -> float:
        found = samples(api, "api_requests_total")
        return sum(n for labels, n in found.items() if '"/chat"' in labels and '"200"' in labels)

    before = count()
    api.post("/chat", json=QUESTION)
    until(lambda: count() == before + 1)
