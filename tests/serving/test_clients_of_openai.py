"""LangChain and LlamaIndex, as people install them, ask what is served at /v1."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.serving.llm_double import LlmDouble
from tests.serving.support import live_api, served
from tests.tools.needs import need

pytestmark = pytest.mark.slow


def asked(library: str, address: str, *arguments: str) -> Any:
    client = Path(__file__).with_name(f"{library.replace('-', '_')}_client.py")
    command = [str(need(library)), str(client), f"{address.rstrip('/')}/v1", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


LIBRARIES = ("langchain", "llama-index")


@pytest.mark.parametrize("library", LIBRARIES)
def test_their_embeddings_are_those_of_the_api(tmp_path: Path, library: str) -> None:
    with live_api(served("embedding-model", "embedder"), tmp_path, "") as api:
        got = asked(library, str(api.base_url), "embeddings")
        sent = {"input": ["A cat.", "A GPU."], "model": "e5-small"}
        own = [item["embedding"] for item in api.post("/v1/embeddings", json=sent).json()["data"]]
    assert np.array(got["documents"]) == pytest.approx(np.array(own), abs=1e-6)
    assert np.array(got["query"]) == pytest.approx(np.array(own[0]), abs=1e-6)


@pytest.mark.parametrize("library", LIBRARIES)
def test_their_chats_stream(tmp_path: Path, llm: LlmDouble, library: str) -> None:
    with live_api(served("llm-gateway", "completions"), tmp_path, llm.url) as api:
        got = asked(library, str(api.base_url), "chat")
    assert got["text"] == "Three days."
    assert got["pieces"] > 1
    assert got["usage"]["total_tokens"] == 24
