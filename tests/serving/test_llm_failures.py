import socket
import time
from pathlib import Path

import httpx
import pytest

from serving.models.llm import REACHABLE_SECONDS
from tests.serving.llm_double import LlmDouble, Mode
from tests.serving.support import chatbot, live_api, samples

pytestmark = pytest.mark.slow

QUESTION = {"question": "How long may a rented GPU stay idle?"}


@pytest.mark.parametrize(
    ("mode", "code", "text"),
    [
        ("error", "llm_refused", "500: no model is loaded"),
        ("breaks", "llm_refused", "the model server went away"),
        ("garbled", "llm_garbled", "{not json"),
        ("page", "llm_garbled", "<title>Sign in</title>"),
    ],
)
def test_a_failing_model_is_a_502_that_still_shows_the_sources(
    api: httpx.Client, llm: LlmDouble, mode: Mode, code: str, text: str
) -> None:
    llm.mode = mode
    response = api.post("/chat", json=QUESTION)

    assert response.status_code == 502
    assert response.json()["error"]["code"] == code
    assert text in response.json()["error"]["message"]
    assert response.json()["sources"][0]["page"] == 3
    assert any(code in labels for labels in samples(api, "llm_failures_total"))


def test_a_model_server_that_does_not_stream_is_answered_by_all_the_same(
    api: httpx.Client, llm: LlmDouble
) -> None:
    llm.mode = "whole"
    answer = api.post("/chat", json=QUESTION)

    assert answer.json()["answer"] == "Three days."


def test_a_silent_model_is_a_504(llm: LlmDouble, handbook: Path, tmp_path: Path) -> None:
    llm.mode = "silent"
    with live_api(chatbot(handbook), tmp_path, llm.url, silence_seconds=0.3) as api:
        response = api.post("/chat", json=QUESTION)

    assert response.status_code == 504
    assert response.json()["error"]["message"] == (
        "The language model sent nothing for 0.3 seconds"
    )
    assert response.json()["sources"]


def test_a_dead_model_is_a_502_and_unhealthy(handbook: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
    with live_api(chatbot(handbook), tmp_path, url) as api:
        answer, health = api.post("/chat", json=QUESTION), api.get("/health")

    assert answer.status_code == 502
    assert url in answer.json()["error"]["message"]
    assert (health.status_code, health.json()["status"]) == (503, "unhealthy")
    assert health.json()["llm"] == {"reachable": False}
    assert url in health.json()["reason"]


def test_a_model_that_has_come_up_is_known_at_once(handbook: Path, tmp_path: Path) -> None:
    """It starts beside the API, and who deploys waits for both."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with live_api(chatbot(handbook), tmp_path, f"http://127.0.0.1:{port}/v1") as api:
        assert api.get("/health").status_code == 503
        double = LlmDouble(port)
        up = time.monotonic()
        while api.get("/health").status_code == 503 and time.monotonic() < up + 10:
            time.sleep(0.02)
        seconds = time.monotonic() - up
        double.close()

    assert seconds < REACHABLE_SECONDS / 2


def test_a_refused_key_shows_in_health_but_the_key_does_not(
    llm: LlmDouble, handbook: Path, tmp_path: Path
) -> None:
    with live_api(chatbot(handbook), tmp_path, llm.url, key="canary-key") as api:
        health, answer = api.get("/health"), api.post("/chat", json=QUESTION)

    assert "refuses the API key" in health.json()["reason"]
    assert answer.status_code == 502
    assert "canary-key" not in health.text + answer.text
