from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.components.model.llm_chat import CONTEXT_CHARACTERS, ChatConfig, LlmChat
from serving.models.llm import Llm
from serving.port_types import Chunk, Passage
from tests.serving.llm_double import LlmDouble
from tests.serving.support import chatbot, live_api


def ask(api: httpx.Client, question: str, **more: object) -> dict[str, Any]:
    response = api.post("/chat", json={"question": question, **more})
    assert response.status_code == 200, response.text
    content: dict[str, Any] = response.json()
    return content


@pytest.mark.parametrize(
    ("question", "page", "highlight"),
    [
        ("How many days may a rented GPU stay idle before it is returned?", 3, "three days"),
        ("Combien de jours un GPU loué peut-il rester inactif ?", 3, "three days"),
        ("Wie lange werden Sicherungen aufbewahrt?", 2, "90 days"),
        ("What is QX-4471?", 3, "QX-4471"),
        ("When does the office close?", 1, "20:00"),
        ("How much may a hotel cost?", 4, "140 euros"),
    ],
)
def test_the_first_source_is_the_page_that_holds_the_answer(
    api: httpx.Client, question: str, page: int, highlight: str
) -> None:
    source = ask(api, question)["sources"][0]

    assert (source["document"], source["page"]) == ("handbook.pdf", page)
    assert highlight in source["highlight"]
    assert highlight in " ".join(source["passage"].split())


def test_the_answer_carries_model_usage_and_time(api: httpx.Client) -> None:
    answer = ask(api, "How long may a GPU stay idle?")

    assert answer["answer"] == "Three days."
    assert answer["model"] == "smollm2"
    assert answer["usage"] == {"prompt_tokens": 21, "completion_tokens": 3}
    assert answer["seconds"] > 0


def test_the_model_gets_the_passage_and_its_best_sentence_and_the_question(
    api: httpx.Client, llm: LlmDouble
) -> None:
    ask(api, "How long may a rented GPU stay idle?")

    prompt = llm.requests[0].messages[-1].content
    assert "QX-4471" in prompt, "the whole passage is there"
    assert prompt.count("may stay idle for three days") == 2, "and its best sentence once more"
    assert prompt.endswith("Question: How long may a rented GPU stay idle?\nAnswer:")


def test_history_comes_before_the_question(api: httpx.Client, llm: LlmDouble) -> None:
    history = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]
    ask(api, "What about hotels?", history=history)

    roles = [message.role for message in llm.requests[0].messages]
    assert roles == ["system", "user", "assistant", "user"]


def test_a_long_history_keeps_its_newest_turns(api: httpx.Client, llm: LlmDouble) -> None:
    history = [{"role": "user", "content": f"{number} " + "x" * 400} for number in range(20)]
    ask(api, "What about hotels?", history=history)

    kept = [message.content[:2] for message in llm.requests[0].messages[1:-1]]
    assert kept == ["18", "19"]


def test_message_is_another_name_for_question(api: httpx.Client) -> None:
    response = api.post("/chat", json={"message": "How much may a hotel cost?"})
    assert response.json()["sources"][0]["page"] == 4


def test_top_k_bounds_the_sources(api: httpx.Client) -> None:
    assert len(ask(api, "machines", top_k=1)["sources"]) == 1


def test_search_by_meaning_alone_works_too(llm: LlmDouble, handbook: Path, tmp_path: Path) -> None:
    pipeline = chatbot(handbook, vector_store={"search": "vector", "top_k": 2})
    with live_api(pipeline, tmp_path, llm.url) as api:
        assert ask(api, "How long may a GPU stay idle?")["sources"][0]["page"] == 3


def test_a_chat_without_documents_just_talks(
    llm: LlmDouble, handbook: Path, tmp_path: Path
) -> None:
    pipeline = chatbot(handbook)
    pipeline["nodes"] = pipeline["nodes"][-2:]
    pipeline["edges"] = pipeline["edges"][-1:]
    with live_api(pipeline, tmp_path, llm.url) as api:
        assert ask(api, "Hello?")["sources"] == []
        assert llm.requests[0].messages[-1].content == "Hello?"
        assert api.post("/ingest", json={}).status_code == 404
        paths = set(api.get("/openapi.json").json()["paths"])
        assert paths == {"/chat", "/health", "/metrics", "/reading"}


async def test_the_prompt_stays_within_what_a_small_model_can_hold(llm: LlmDouble) -> None:
    long = [Passage(Chunk("a", 1, f"{n} " + "word " * 400), "word", 1.0) for n in range(20)]
    client = Llm(llm.url, "key-of-the-double")
    chat = LlmChat(ChatConfig(), client, retriever=None)

    async for _ in chat.answer("Why?", long, []):
        pass
    await client.close()

    prompt = llm.requests[0].messages[-1].content
    assert len(prompt) < CONTEXT_CHARACTERS + 200
    assert "0 word" in prompt, "the best passage is the last to be left out"
