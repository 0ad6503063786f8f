from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from serving.documents.extractive_summary import extract, shorten
from tests.serving.llm_double import LlmDouble, Mode
from tests.serving.support import PAGES, live_api, served, write_pdf

TEXT = (
    "The committee met on Monday. Rented GPUs must be returned after three idle days. "
    "Rented GPUs that stay idle longer are returned automatically. Lunch was good. "
    "Idle rented GPUs cost the team money every hour."
)
GROUNDED = ["Rented GPUs", " are returned", " after three idle days."]


@pytest.fixture(scope="module")
def shared(
    llm_server: LlmDouble, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    pipeline = served("summarizer", "summarizer", part_words=50, max_parts=4, sentences=2)
    with live_api(pipeline, tmp_path_factory.mktemp("summary"), llm_server.url) as api:
        yield api


@pytest.fixture
def api(llm: LlmDouble, shared: httpx.Client) -> Iterator[httpx.Client]:
    before, llm.words = llm.words, GROUNDED
    yield shared
    llm.words = before


def test_a_short_text_is_summarised_in_one_question(api: httpx.Client, llm: LlmDouble) -> None:
    answer = api.post("/summarize", json={"text": TEXT}).json()

    assert answer.pop("seconds") >= 0
    assert answer == {
        "summary": "Rented GPUs are returned after three idle days.",
        "method": "llm",
        "reason": "",
        "parts": 1,
    }
    assert TEXT in llm.requests[0].messages[-1].content
    assert len(llm.requests) == 1


def test_a_long_text_is_summarised_by_parts_and_their_summaries_again(
    api: httpx.Client, llm: LlmDouble
) -> None:
    answer = api.post("/summarize", json={"text": TEXT * 4}).json()

    assert (answer["method"], answer["parts"]) == ("llm", 3)
    assert len(llm.requests) == 4
    assert llm.requests[-1].messages[-1].content.count("Rented GPUs are returned") == 3


def test_of_an_endless_text_only_its_most_telling_sentences_are_read(
    api: httpx.Client, llm: LlmDouble
) -> None:
    answer = api.post("/summarize", json={"text": TEXT * 100}).json()
    assert answer["parts"] == 4
    assert len(llm.requests) == 5, "each part once, and once what was said of them"


def test_a_file_is_summarised(api: httpx.Client, tmp_path: Path) -> None:
    pdf = write_pdf(tmp_path / "handbook.pdf", PAGES[2:3])
    answer = api.put("/summarize/handbook.pdf?sentences=1", content=pdf.read_bytes())
    assert answer.status_code == 200, answer.text
    assert "idle" in answer.json()["summary"]
    assert api.put("/summarize/x.pdf", content=b"no pdf").status_code == 422


@pytest.mark.parametrize(
    ("words", "mode", "reason"),
    [
        (["The moon is made of cheese and honey."], "fine", "not those of the text"),
        (["", " "], "fine", "said nothing"),
        (GROUNDED, "error", "no model is loaded"),
    ],
)
def test_where_the_model_fails_the_text_s_own_sentences_are_given_and_it_is_said(
    api: httpx.Client, llm: LlmDouble, words: list[str], mode: Mode, reason: str
) -> None:
    llm.words, llm.mode = words, mode
    answer = api.post("/summarize", json={"text": TEXT, "sentences": 1}).json()

    assert answer["method"] == "extractive"
    assert reason in answer["reason"]
    assert answer["summary"] in TEXT


def test_predict_gives_summaries_alone(api: httpx.Client) -> None:
    assert "idle" in api.post("/predict", json={"input": TEXT}).json()["output"]
    assert api.post("/predict", json={"input": 7}).status_code == 422
    assert api.post("/summarize", json={"text": " "}).status_code == 422


def test_the_sentences_that_say_most_are_extracted_in_their_order_and_not_twice() -> None:
    found = extract(TEXT, 2)
    assert [sentence in TEXT for sentence in found] == [True, True]
    assert TEXT.index(found[0]) < TEXT.index(found[1])
    assert "Lunch was good." not in found
    assert extract("", 3) == []


@pytest.mark.parametrize(
    "text", [TEXT * 50, "漢字" * 400, "漢字。" * 400, "x" * 5000, "a b " * 300]
)
def test_a_text_without_sentences_is_shortened_too(text: str) -> None:
    assert 0 < len(shorten(text, 100)) < min(len(text), 4100)
