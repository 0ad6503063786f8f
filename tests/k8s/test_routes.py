"""A real LiteLLM with the shipped configuration, in front of model servers that say who asked."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.tools.litellm import Proxy, running_proxy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("litellm")]
ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "k8s" / "manifests" / "litellm" / "config.yaml"
ROUTES = {
    "ollama": ("/api/chat", None),
    "vllm": ("/vllm/v1/chat/completions", "Bearer key-of-vllm"),
    "pipelines": ("/pipelines/v1/chat/completions", "Bearer key-of-pipelines"),
}


class ModelServers(BaseHTTPRequestHandler):
    """Ollama's API and OpenAI's at one address; the answer is what was asked, and how."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        key = self.headers["authorization"]
        said = {"role": "assistant", "content": json.dumps([self.path, key, asked.get("model")])}
        if self.path.startswith("/api/"):
            answer = {"model": asked.get("model"), "message": said, "done": True, "eval_count": 1}
            answer |= {"created_at": "2026-01-01T00:00:00Z", "prompt_eval_count": 1}
        else:
            choice = {"index": 0, "finish_reason": "stop", "message": said}
            answer = {"id": "1", "object": "chat.completion", "created": 0, "choices": [choice]}
            answer |= {"model": asked.get("model")}
            answer |= {"usage": dict.fromkeys(("prompt_tokens", "completion_tokens"), 1)}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def model_servers() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), ModelServers)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def proxy(model_servers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    environment = {
        "OLLAMA_URL": model_servers,
        "VLLM_URL": f"{model_servers}/vllm/v1",
        "VLLM_API_KEY": "key-of-vllm",
        "PIPELINES_URL": f"{model_servers}/pipelines/v1",
        "PIPELINES_API_KEY": "key-of-pipelines",
    }
    with running_proxy(tmp_path_factory.mktemp("litellm"), CONFIGURATION, environment) as proxy:
        yield proxy


@pytest.mark.parametrize("route", ROUTES)
def test_a_model_s_first_name_says_who_serves_it(proxy: Proxy, route: str) -> None:
    path, key = ROUTES[route]
    answer = proxy.ask(f"{route}/some-model")
    assert answer.is_success, answer.text
    said = json.loads(answer.json()["choices"][0]["message"]["content"])
    assert said == [path, key, "some-model"]


def test_without_the_key_nothing_is_asked(proxy: Proxy) -> None:
    assert proxy.ask("vllm/some-model", key="sk-another").status_code in {400, 401}


def test_prometheus_reads_what_it_did_without_a_key(proxy: Proxy) -> None:
    told = httpx.get(f"{proxy.url}/metrics/", timeout=60)
    assert told.is_success
    assert "litellm_" in told.text
