"""LangChain, as people install it, asks what is served at /v1."""

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

CLIENT = Path(__file__).with_name("langchain_client.py")


def langchain(kind: str, address: str) -> Any:
    command = [str(need("langchain")), str(CLIENT), kind, f"{address}/v1"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_its_embeddings_are_those_of_the_api(tmp_path: Path) -> None:
    with live_api(served("embedding-model", "embedder"), tmp_path, "") as api:
        got = langchain("embeddings", str(api.base_url).rstrip("/"))
        sent = {"input": ["A cat.", "A GPU."], "model": "e5-small"}
        own = [item["embedding"] for item in api.post("/v1/embeddings", json=sent).json()["data"]]
    assert np.array(got["documents"]) == pytest.approx(np.array(own), abs=1e-6)
    assert np.array(got["query"]) == pytest.approx(np.array(own[0]), abs=1e-6)


def test_its_chat_streams(tmp_path: Path, llm: LlmDouble) -> None:
    with live_api(served("llm-gateway", "completions"), tmp_path, llm.url) as api:
        got = langchain("chat", str(api.base_url).rstrip("/"))
    assert got["text"] == "Three days."
    assert got["pieces"] > 1
    assert got["usage"]["total_tokens"] == 24
