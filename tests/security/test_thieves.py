"""A provider and a thief, both real servers, behind a real LiteLLM: the thief gets no key."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving.llm_double import KEY as MASTER_KEY
from tests.serving.support import live_api, served
from tests.tools.litellm import Proxy, running_proxy
from windmill.scripts.model.base.errors import KeyElsewhere
from windmill.scripts.model.drawing.llm_keys import StoredKey
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.provision.llms.litellm_models import litellm_settings
from windmill.scripts.provision.llms.llm_keys import backend_secrets

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("litellm")]
SECRET = "sk-canary-8e41c2"
QUESTION = [{"role": "user", "content": "Who are you?"}]


@dataclass
class Server:
    """Speaks OpenAI's API under its own name, and remembers all that it was sent."""

    name: str
    heard: list[str] = field(default_factory=list)
    status: int = 200
    location: str = ""

    def __post_init__(self) -> None:
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.thread = threading.Thread(target=lambda: self.http.serve_forever(poll_interval=0.05))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"

    def reset(self) -> None:
        self.heard.clear()
        self.status, self.location = 200, ""

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def answer(self) -> bytes:
        said = {"role": "assistant", "content": self.name}
        choice = {"index": 0, "finish_reason": "stop", "message": said}
        usage = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), 1)
        whole = {"id": "1", "object": "chat.completion", "created": 0, "model": "big"}
        return json.dumps(whole | {"choices": [choice], "usage": usage}).encode()


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            server.heard.append(f"{self.path}\n{self.headers}\n{body}")
            answer = server.answer()
            self.send_response(server.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            if server.location:
                self.send_header("location", server.location)
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            return

    return Handler


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Server, Server]]:
    both = Server("provider"), Server("thief")
    yield both
    for server in both:
        server.close()


@pytest.fixture
def provider(servers: tuple[Server, Server]) -> Server:
    servers[0].reset()
    return servers[0]


@pytest.fixture
def thief(servers: tuple[Server, Server]) -> Server:
    servers[1].reset()
    return servers[1]


def gateway(*backends: dict[str, str]) -> Pipeline:
    config = {"model": "chat", "backends": [{"model": "big", **each} for each in backends]}
    node = {"id": "model", "component": "llm-gateway", "config": config}
    return Pipeline.model_validate({"name": "x", "nodes": [node]})


def secrets(pipeline: Pipeline, provider: Server) -> dict[str, str]:
    kept = StoredKey.model_validate({"base_url": provider.url, "key": SECRET}).text()
    return backend_secrets(pipeline, [], lambda name: kept, "127.0.0.0/8")


@pytest.fixture(scope="module")
def proxy(
    servers: tuple[Server, Server], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    """As a deployment's, but that its environment tries to send OpenAI's calls to the thief."""
    provider, thief = servers
    pipeline = gateway({"base_url": provider.url, "key": "k"}, {"base_url": thief.url})
    nobody = {"model": "openai/x", "api_base": "http://127.0.0.1:9/v1", "api_key": "none"}
    wanted = litellm_settings(pipeline, nobody)
    configuration = {
        "model_list": wanted["models"],
        "router_settings": {"fallbacks": wanted["fallbacks"], "num_retries": 0, "timeout": 20,
                            "disable_cooldowns": True},
        "general_settings": {"master_key": "os.environ/LITELLM_MASTER_KEY"},
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("thieves")
    (folder / "config.yaml").write_text(json.dumps(configuration))
    lures = dict.fromkeys(("OPENAI_API_BASE", "OPENAI_BASE_URL", "OPENAI_API_BASE_URL"), thief.url)
    environment = lures | {"LITELLM_MASTER_KEY": MASTER_KEY} | secrets(pipeline, provider)
    with running_proxy(folder, folder / "config.yaml", environment) as proxy:
        yield proxy


def said(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()["choices"][0]["message"]["content"]


def test_the_provider_is_sent_its_key(proxy: Proxy, provider: Server, thief: Server) -> None:
    assert said(proxy.ask("chat", key=MASTER_KEY)) == "provider"
    assert f"Bearer {SECRET}" in provider.heard[0]
    assert not thief.heard


def test_a_backend_without_a_key_is_sent_none(
    proxy: Proxy, provider: Server, thief: Server
) -> None:
    provider.status = 500
    assert said(proxy.ask("chat", key=MASTER_KEY)) == "thief"
    assert thief.heard
    assert SECRET not in str(thief.heard)


def test_a_redirect_takes_no_key_along(proxy: Proxy, provider: Server, thief: Server) -> None:
    provider.status, provider.location = 307, f"{thief.url}/chat/completions"
    proxy.ask("chat", key=MASTER_KEY)
    assert provider.heard
    assert SECRET not in str(thief.heard)


def test_a_pipeline_that_names_the_key_for_the_thief_s_address_is_not_deployed(
    provider: Server, thief: Server
) -> None:
    port = thief.url.removeprefix("http://127.0.0.1")
    for address in (thief.url, f"http://localhost{port}", f"{provider.url}0", provider.url[:-3]):
        with pytest.raises(KeyElsewhere):
            secrets(gateway({"base_url": address, "key": "k"}), provider)
    assert not thief.heard


def test_who_asks_the_pipeline_cannot_name_the_thief(
    proxy: Proxy, provider: Server, thief: Server, tmp_path: Path
) -> None:
    plain = {"model": "chat", "messages": QUESTION}
    address = {"base_url": thief.url, "model": "openai/big"}
    lures: list[dict[str, Any]] = [
        {"api_base": thief.url}, {"base_url": thief.url}, {"extra_body": {"api_base": thief.url}},
        {"fallbacks": [address]}, {"user_config": {"model_list": [{"litellm_params": address}]}},
        {"custom_llm_provider": "openai", "api_base": thief.url, "api_key": "x"},
        {"extra_headers": {"X-Thief": thief.url}},
    ]  # fmt: skip
    pipeline = served("llm-gateway", "completions")
    with live_api(pipeline, tmp_path, f"{proxy.url}/v1") as api:
        url = "/v1/chat/completions"
        assert said(api.post(url, json=plain)) == "provider"
        provider.reset()
        for lure in lures:
            assert api.post(url, json=plain | lure).status_code == 422, lure
        for model in (f"openai/{thief.url}", "chat,chat-1", "*", "gpt-4o"):
            assert api.post(url, json=plain | {"model": model}).is_error, model
    assert not thief.heard
    assert not provider.heard
