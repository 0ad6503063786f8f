"""Requests that do not go on end, in gateway, engine and serving; those that do are let be."""

import asyncio
import inspect
import logging
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

import engine.__main__
import engine.api.patience
import gateway.__main__
import gateway.http.patience
import serving.__main__
import serving.api.patience
from engine.core import Engine
from engine.settings import Settings
from serving.api.app import create_app
from serving.components import load_components
from serving.graph import wire
from serving.models.llm import Llm
from serving.pipeline import Pipeline
from serving.runtime import Runtime
from tests.gateway.conftest import settings
from tests.gateway.stack import TOKEN, Stack
from tests.serving.support import running, served, until

pytestmark = pytest.mark.slow

MODULES = {
    "gateway": gateway.http.patience,
    "engine": engine.api.patience,
    "serving": serving.api.patience,
}
BODIES = {
    "gateway": "/pipelines/deploy",
    "engine": "/api/w/mlops/scripts/create",
    "serving": "/predict",
}
WINDOW = 0.2
FEW = 100


@contextmanager
def the_gateway(folder: Path) -> Iterator[uvicorn.Config]:
    stack = Stack("http://127.0.0.1:9", f"sqlite:///{folder}/registry.db")
    yield gateway.__main__.configuration(settings(stack), "127.0.0.1", 0)


@contextmanager
def the_engine(folder: Path) -> Iterator[uvicorn.Config]:
    made = Engine(Settings(folder / "db", folder / "cache", {TOKEN: ()}))
    yield engine.__main__.configuration(made)
    made.db.close()


@contextmanager
def the_serving(folder: Path) -> Iterator[uvicorn.Config]:
    pipeline = Pipeline.model_validate(served("embedding-model", "embedder"))
    runtime = Runtime(wire(pipeline, load_components()), Llm("", "", 1), folder)
    yield serving.__main__.configuration(create_app(pipeline, runtime), "127.0.0.1", 0)


SERVERS = {"gateway": the_gateway, "engine": the_engine, "serving": the_serving}


@pytest.fixture(params=SERVERS)
def server(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator["Live"]:
    """Each of the three as it starts, but for the times."""
    hurry(monkeypatch, request.param)
    with SERVERS[request.param](tmp_path) as configuration, live(configuration) as found:
        found.body_path = BODIES[request.param]
        yield found


class Live:
    body_path = "/"

    def __init__(self, server: uvicorn.Server, port: int) -> None:
        self.server = server
        self.port = port

    def connect(self, sent: bytes = b"") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), 20)
        connection.sendall(sent)
        return connection

    def connections(self) -> int:
        return len(self.server.server_state.connections)

    def get(self) -> bytes:
        with self.connect(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n") as connection:
            return connection.recv(100)

    def upload(self, sent: bytes = b"") -> socket.socket:
        head = f"POST {self.body_path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
        more = f"Content-Type: application/json\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        return self.connect(head.encode() + more.encode() + sent)


def hurry(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(MODULES[name].Patient, "window", WINDOW)
    monkeypatch.setattr(MODULES[name].Patient, "least_bytes", FEW)


@contextmanager
def live(configuration: uvicorn.Config) -> Iterator[Live]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(configuration)
        with running(server, listener):
            yield Live(server, listener.getsockname()[1])


def all_of(connection: socket.socket) -> bytes:
    """What comes until the other side ends."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


def dripped(connection: socket.socket, piece: bytes, times: int) -> bool:
    """Whether it was let go on, with a piece every quarter of a window."""
    for _ in range(times):
        if select.select([connection], [], [], WINDOW / 4)[0]:
            return False
        connection.sendall(piece)
    return True


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "])
def test_a_request_without_its_end_is_ended(server: Live, sent: bytes) -> None:
    with server.connect(sent) as connection:
        assert all_of(connection).startswith(b"HTTP/1.1 408 ")
    until(lambda: server.connections() == 0)


def test_one_that_drips_is_ended(server: Live) -> None:
    with server.connect(b"GET / HTTP/1.1\r\nX: ") as connection:
        assert not dripped(connection, b"a", 100)


def test_a_body_that_stops_is_ended_and_nothing_fails(
    server: Live, caplog: pytest.LogCaptureFixture
) -> None:
    with server.upload(b'{"a": ') as connection:
        assert all_of(connection).startswith(b"HTTP/1.1 408 ")
    until(lambda: server.connections() == 0 and not server.server.server_state.tasks)
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


def test_a_second_request_is_no_more_patient(server: Live) -> None:
    whole = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with server.connect(whole) as connection:
        assert connection.recv(65536)
        connection.sendall(b"GET /met")
        assert b"HTTP/1.1 408 " in all_of(connection)


def test_the_ones_too_many_are_told_and_the_next_one_is_served(
    server: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in MODULES.values():
        monkeypatch.setattr(module.Patient, "most_connections", 3)
    idle = [server.connect() for _ in range(3)]
    until(lambda: server.connections() == 3)
    assert server.get().startswith(b"HTTP/1.1 503 ")
    for connection in idle:
        connection.close()
    until(lambda: server.connections() == 0)
    assert server.get().startswith(b"HTTP/1.1 200 ")


def test_the_engine_keeps_no_more_of_a_body_than_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.api.http.MAX_BODY", 1000)
    with the_engine(tmp_path) as configuration, live(configuration) as server:
        server.body_path = BODIES["engine"]
        with server.upload(b"x" * 1001) as connection:
            assert connection.recv(12) == b"HTTP/1.1 400"


@pytest.fixture(params=MODULES)
def echo(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """A program that takes its time, behind the door of each."""
    hurry(monkeypatch, request.param)
    patient = MODULES[request.param].Patient
    with live(uvicorn.Config(Slow(), http=patient, lifespan="off", log_config=None)) as found:
        yield found


class Slow:
    """/late reads late, /stream answers bit by bit, /much answers more than anybody buffers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/late":
            await asyncio.sleep(4 * WINDOW)
        size, more = 0, True
        while more:
            message = await receive()
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for piece in self.pieces(scope["path"], size):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            if scope["path"] == "/stream":
                await asyncio.sleep(WINDOW)
        await send({"type": "http.response.body", "body": b""})

    def pieces(self, path: str, size: int) -> list[bytes]:
        return {"/much": [b"x" * 1_000_000] * 50, "/stream": [b"x"] * 4}.get(path, [b"%d" % size])


def asked(path: str, more: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n"
    return head.encode()


def test_an_upload_that_goes_on_is_let_be(echo: Live) -> None:
    size = FEW * 16
    with echo.connect(asked("/", f"Content-Length: {size}\r\n")) as connection:
        assert dripped(connection, b"x" * FEW, 16)  # through four windows
        assert b"\r\n\r\n4\r\n1600" in all_of(connection)


def test_the_time_a_program_takes_to_read_is_not_the_sender_s(echo: Live) -> None:
    body = b"x" * 8_000_000
    with echo.connect(asked("/late", f"Content-Length: {len(body)}\r\n")) as connection:
        connection.sendall(body)
        assert b"\r\n\r\n7\r\n8000000" in all_of(connection)


def test_an_answer_that_takes_its_time_is_let_be(echo: Live) -> None:
    with echo.connect(asked("/stream")) as connection:
        assert all_of(connection).endswith(b"1\r\nx\r\n" * 4 + b"0\r\n\r\n")


def test_an_answer_that_nobody_reads_is_ended(echo: Live) -> None:
    with echo.connect(asked("/much")):
        until(lambda: echo.connections() == 1)
        until(lambda: echo.connections() == 0 and not echo.server.server_state.tasks)


def test_all_three_have_one_text() -> None:
    texts = {inspect.getsource(module) for module in MODULES.values()}
    assert len(texts) == 1
