"""llama.cpp as deployments run it: it has a key of its own, and no web page reaches it."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.gateway.stack import free_port
from tests.tools.needs import need

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("model-server")]

FILES = Path(__file__).parents[2] / "ansible/roles/model_server/files"
KEY = "canary-f00d-of-the-model-server"
CASES = yaml.safe_load(Path(__file__).with_name("model_server_requests.yaml").read_text())
QUESTION = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 4}


@dataclass(frozen=True)
class ModelServer:
    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def send(self, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), 60) as connection:
            connection.sendall(data)
            return b"".join(iter(lambda: connection.recv(65536), b""))


def command(port: int) -> list[Any]:
    weights = need("model-weights").parents[1]
    address = ["--host", "127.0.0.1", "--port", str(port)]
    return [need("model-server"), "-P", FILES / "model_server.py", "--weights", weights,
            "--name", "smollm2", "--context-size", "512", *address]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    folder = tmp_path_factory.mktemp("model-server")
    environment = {"PYTHONPATH": str(FILES), "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(folder)}
    port = free_port()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command(port), env=environment | {"MODEL_SERVER_KEY": KEY}, stdout=log, stderr=log
        )
    server = ModelServer(port, folder / "log", process)
    try:
        while not _answers(server):
            assert process.poll() is None, server.log.read_text()[-3000:]
        yield server
    finally:
        process.terminate()
        assert process.wait(60) == 0, server.log.read_text()[-3000:]
    assert not list(folder.glob("model-server-*")), "its socket is left behind"


def _answers(server: ModelServer) -> bool:
    try:
        return httpx.get(f"{server.url}/health", timeout=5).is_success
    except httpx.TransportError:
        time.sleep(0.05)
        return False


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['status']} {case['lines']}")
def test_who_has_no_key_or_comes_from_elsewhere_is_turned_away(
    server: ModelServer, case: dict[str, Any]
) -> None:
    lines = case["lines"] if "" in case["lines"] else [*case["lines"], "", ""]
    answer = server.send("\r\n".join(lines).replace("KEY", KEY).encode())
    head = answer.partition(b"\r\n\r\n")[0].decode()
    assert head.startswith(f"HTTP/1.1 {case['status']} "), answer
    assert not re.search(r"(?mi)^access-control-allow-origin: *\S", head)


def test_a_second_request_behind_an_open_one_is_not_answered(server: ModelServer) -> None:
    """Not even where the first says that it keeps the connection."""
    for connection in ("keep-alive", "close", "x"):
        first = f"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: {connection}\r\n\r\n"
        answer = server.send(f"{first}GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert answer.count(b"HTTP/1.1") == 1
        assert b"smollm2" not in answer


def test_who_has_the_key_is_answered_word_by_word(server: ModelServer) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    url = f"{server.url}/v1/chat/completions"
    with httpx.Client(headers=headers, timeout=120) as http:
        for _ in range(2):
            said = http.post(url, json=QUESTION).json()["choices"][0]["message"]["content"]
            assert said
        with http.stream("POST", url, json=QUESTION | {"stream": True}) as answer:
            events = [line for line in answer.iter_lines() if line.startswith("data:")]
    assert len(events) > 2
    assert events[-1] == "data: [DONE]"


def test_a_client_that_leaves_stops_the_model(server: ModelServer) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    asked = QUESTION | {"stream": True, "max_tokens": 400, "ignore_eos": True}
    url = f"{server.url}/v1/chat/completions"
    with httpx.stream("POST", url, json=asked, headers=headers, timeout=120) as answer:
        next(answer.iter_lines())
    deadline = time.monotonic() + 60
    while "llamacpp:requests_processing 0" not in httpx.get(f"{server.url}/metrics").text:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert httpx.get(f"{server.url}/health").is_success


def test_a_head_without_end_is_cut_off(server: ModelServer) -> None:
    with suppress(ConnectionResetError, BrokenPipeError):
        assert not server.send(b"GET /health HTTP/1.1\r\n" + b"X: " + b"a" * 100_000)


def test_the_key_stands_in_no_command_line_and_no_log(server: ModelServer) -> None:
    said = Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
    assert KEY.encode() not in said + server.log.read_bytes()


def test_without_a_key_it_does_not_start() -> None:
    done = subprocess.run(
        command(free_port()), env={"PYTHONPATH": str(FILES), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "MODEL_SERVER_KEY is not set" in done.stderr
