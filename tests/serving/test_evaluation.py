"""An endpoint is asked questions with known answers; the verdict can stop a pipeline."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving.llm_double import LlmDouble
from tests.serving.support import chatbot, live_api, served, until

pytestmark = pytest.mark.slow

QUESTIONS = [
    {"question": "How long may a GPU stay idle?", "expected": "three days"},
    {"question": "And how long exactly?", "expected": ["Four days", "THREE days!"]},
    {"question": "Who hands out badges?", "expected": "Maria Keller"},
]


@pytest.fixture(scope="module")
def endpoint(
    llm_server: LlmDouble, handbook: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with live_api(chatbot(handbook), tmp_path_factory.mktemp("chat"), llm_server.url) as chat:
        yield f"{chat.base_url}".rstrip("/")


@contextmanager
def evaluated(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **config: Any
) -> Iterator[httpx.Client]:
    questions = tmp_path / "questions.jsonl"
    questions.write_text("".join(json.dumps(one) + "\n" for one in QUESTIONS))
    monkeypatch.setenv("ALLOW_ENDPOINTS", address.removeprefix("http://"))
    settings = {"endpoint": f"{address}/chat", "questions": str(questions), **config}
    with live_api(served("evaluation", "report", **settings), tmp_path, "") as api:
        yield api


def test_the_report_scores_every_question_and_the_gate_stays_shut(
    llm: LlmDouble, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with evaluated(endpoint, tmp_path, monkeypatch) as api:
        report = api.get("/report").json()
        gate = api.get("/gate")
        page = api.get("/report", headers={"Accept": "text/html"})

    first, second, third = report["questions"]
    assert [one["contains"] for one in report["questions"]] == [True, True, False]
    assert [one["exact"] for one in report["questions"]] == [True, True, False]
    assert first["similarity"] > third["similarity"]
    assert first["answer"] == "Three days."
    assert second["seconds"] > 0
    assert (report["passed"], report["score"], report["count"]) == (False, 0.6667, 3)
    assert report["seconds"]["most"] >= report["seconds"]["median"] > 0
    assert (gate.status_code, gate.json()["error"]["code"]) == (409, "gate")
    assert "67% of 3 questions" in page.text
    assert "Not passed" in page.text
    assert "Maria Keller" in page.text


def test_enough_right_answers_open_the_gate(
    llm: LlmDouble, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with evaluated(endpoint, tmp_path, monkeypatch, required=0.6) as api:
        assert api.get("/gate").json() == {"passed": True, "score": 0.6667}


def test_it_is_evaluated_again_on_request(
    llm: LlmDouble, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with evaluated(endpoint, tmp_path, monkeypatch, metric="similarity", threshold=0.99) as api:
        before = api.get("/report").json()
        llm.words = ["Maria", " Keller"]
        try:
            assert api.post("/evaluate").status_code == 202
            until(lambda: api.get("/report").json()["began_at"] > before["began_at"])
        finally:
            llm.words = ["Three", " days", "."]
        after = api.get("/report").json()
    assert [one["passed"] for one in after["questions"]] == [False, False, True]


def test_an_endpoint_that_fails_is_a_failed_question_with_its_reason(
    llm: LlmDouble, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    llm.mode = "error"
    with evaluated(endpoint, tmp_path, monkeypatch) as api:
        report = api.get("/report").json()
    assert (report["errors"], report["passed"]) == (3, False)
    assert "answers 502" in report["questions"][0]["error"]


def test_nothing_inside_the_house_is_asked_unless_it_is_a_deployment(
    llm: LlmDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with evaluated("http://127.0.0.1:9", tmp_path, monkeypatch, endpoint=llm.url) as api:
        report = api.get("/report").json()
    assert "not on the public internet" in report["questions"][0]["error"]
    assert not llm.requests


def test_questions_that_cannot_be_used_are_told_with_their_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = tmp_path / "bad.jsonl"
    questions.write_text('{"question": "a", "expected": "b"}\n{"question": "a"}\n')
    with evaluated("http://127.0.0.1:9", tmp_path, monkeypatch, questions=str(questions)) as api:
        assert "row 2: expected" in api.get("/health").json()["reason"]
