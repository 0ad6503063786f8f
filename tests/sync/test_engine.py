"""Sync against the embedded Windmill itself, through a proxy that counts and fails on request."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from wmill import Windmill as OfficialClient

from sync.api import Drift, PushFailed, SyncError, Windmill, desired, plan, push
from tests.sync.conftest import Write

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "test-token"
LIBRARY = "windmill/scripts/lib/rates.py"
FILES = {
    LIBRARY: "RATE = 2\n",
    "windmill/scripts/price.py": (
        "from .lib.rates import RATE\n\n\ndef main(amount: int) -> int:\n    return amount * RATE\n"
    ),
    "windmill/flows/order.flow/flow.yaml": (
        "summary: Order\nvalue:\n  modules:\n    - id: price\n      value:\n"
        "        {type: script, path: f/mlops/price,\n"
        "         input_transforms: {amount: {type: javascript, expr: flow_input.amount}}}\n"
        "schema: {type: object, properties: {amount: {type: integer}}}\n"
    ),
}


class Engine:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "token").write_text(TOKEN)
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "engine", "--db", str(self.folder / "engine.db")]
        command += ["--port", "0", "--token-file", str(self.folder / "token")]
        self.process = subprocess.Popen(
            [*command, "--cache", str(self.folder / "cache")],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout
        found = re.search(r"http://\S+", self.process.stdout.readline())
        assert found
        self.url = found[0]

    def kill(self) -> None:
        self.process.kill()
        self._reap()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self._reap()

    def _reap(self) -> None:
        self.process.wait(20)
        if self.process.stdout:
            self.process.stdout.close()


class Proxy:
    """Passes calls on; `before(number of the write)` may return a status to answer instead."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.calls: list[str] = []
        self.before: Callable[[int], int | None] = lambda number: None
        self.lock = threading.Lock()
        self.client = httpx.Client(trust_env=False)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if call.startswith("POST")]

    def answer(self, method: str, path: str, body: bytes, kind: str) -> httpx.Response:
        with self.lock:
            self.calls.append(f"{method} {path.partition('?')[0]}")
            status = self.before(len(self.writes)) if method == "POST" else None
        if status:
            return httpx.Response(status, text="on request")
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": kind}
        url = self.engine.url + path
        try:
            return self.client.request(method, url, content=body, headers=headers)
        except httpx.HTTPError:
            return httpx.Response(502, text="the engine is gone")

    def close(self) -> None:
        self.server.shutdown()
        self.client.close()
        self.server.server_close()

    def _handler(proxy) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                kind = self.headers.get("Content-Type", "application/json")
                body = self.rfile.read(length)
                response = proxy.answer(self.command, self.path, body, kind)
                self.send_response(response.status_code)
                self.send_header("Content-Length", str(len(response.content)))
                self.end_headers()
                self.wfile.write(response.content)

            do_POST = do_GET

            def log_message(self, *_: object) -> None: ...

        return Handler


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(tmp_path)
    yield engine
    engine.stop()


@pytest.fixture
def proxy(engine: Engine) -> Iterator[Proxy]:
    proxy = Proxy(engine)
    yield proxy
    proxy.close()


@pytest.fixture
def official(engine: Engine) -> Iterator[OfficialClient]:
    client = OfficialClient(base_url=engine.url, token=TOKEN, workspace="mlops")
    yield client
    client.client.close()


@pytest.fixture
def windmill(proxy: Proxy) -> Iterator[Windmill]:
    with Windmill(proxy.url, "mlops", TOKEN) as windmill:
        yield windmill


def test_what_was_pushed_runs_and_a_second_push_writes_nothing(
    checkout: Write, proxy: Proxy, windmill: Windmill, official: OfficialClient
) -> None:
    root = checkout(FILES)
    push(plan(desired(root), windmill), windmill)
    proxy.calls.clear()
    assert not push(plan(desired(root), windmill), windmill).written
    assert proxy.writes == []
    assert len(proxy.calls) == 7

    assert official.run_script_by_path("f/mlops/price", args={"amount": 4}) == 8
    locks = official.get_resource("f/mlops/assets/locks")
    assert locks
    assert locks.keys() >= {"litellm", "serving"}

    checkout({LIBRARY: "RATE = 3\n"})
    proxy.calls.clear()
    written = push(plan(desired(root), windmill), windmill).written
    assert [action.item.path for action in written] == ["f/mlops/price"]
    assert [call for call in proxy.writes if "scripts/" in call] == [
        "POST /api/w/mlops/scripts/create"
    ]
    assert official.run_script_by_path("f/mlops/price", args={"amount": 4}) == 12


def test_an_edit_by_the_official_client_is_drift(
    checkout: Write, windmill: Windmill, official: OfficialClient
) -> None:
    root = checkout(FILES)
    push(plan(desired(root), windmill), windmill)
    official.set_resource({"a": "b"}, "f/mlops/assets/ansible", "mlops_files")
    with pytest.raises(Drift, match="f/mlops/assets/ansible"):
        push(plan(desired(root), windmill), windmill)
    push(plan(desired(root), windmill), windmill, force=True)
    assert plan(desired(root), windmill).is_empty


@pytest.mark.parametrize("number", [1, 4, 12])
def test_a_refused_write_is_told_and_the_next_push_finishes(
    checkout: Write, proxy: Proxy, windmill: Windmill, number: int
) -> None:
    items = desired(checkout(FILES))
    proxy.before = lambda count: 500 if count == number else None
    with pytest.raises(PushFailed, match="500: on request") as failed:
        push(plan(items, windmill), windmill)
    done = {action.item.key for action in failed.value.written}
    assert len(done) + len(failed.value.not_written) == len(items)
    left = push(plan(items, windmill), windmill).written
    assert {action.item.key for action in left} == {item.key for item in items} - done
    assert plan(items, windmill).is_empty


@pytest.mark.parametrize("number", [2, 9])
def test_a_killed_engine_loses_nothing(
    checkout: Write, engine: Engine, proxy: Proxy, windmill: Windmill, number: int
) -> None:
    items = desired(checkout(FILES))
    proxy.before = lambda count: engine.kill() if count == number else None
    with pytest.raises(PushFailed, match="502"):
        push(plan(items, windmill), windmill)
    engine.start()
    push(plan(items, windmill), windmill)
    assert plan(items, windmill).is_empty


def test_our_own_tree_is_pushed_whole(windmill: Windmill) -> None:
    items = desired(ROOT)
    push(plan(items, windmill), windmill)
    assert plan(items, windmill).is_empty


def test_a_wrong_token_and_a_silent_address_say_what_to_do(engine: Engine) -> None:
    with Windmill(engine.url, "mlops", "wrong") as stranger:
        with pytest.raises(SyncError, match="401") as refused:
            plan([], stranger)
        assert "token" in refused.value.fix
        assert "wrong" not in str(refused.value)
    engine.kill()
    with Windmill(engine.url, "mlops", TOKEN) as nobody:
        with pytest.raises(SyncError, match="does not answer") as silent:
            plan([], nobody)
        assert "mlops up" in silent.value.fix
