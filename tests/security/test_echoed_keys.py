"""A server that repeats what it was sent: no error of ours hands the key on."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from gateway.access.roles import Role
from gateway.app import create_app
from gateway.clients.windmill import connect
from gateway.errors import WindmillRefused
from sync.errors import N8nError, WindmillError
from sync.instances.n8n import N8n
from sync.instances.windmill.client import Windmill
from tests.gateway.conftest import settings
from tests.gateway.stack import Stack

pytestmark = pytest.mark.slow
KEY = "canary-of-an-instance-51c0e7"


class Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        said = json.dumps(dict(self.headers)).encode()
        self.send_response(500)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_of_windmill_to_the_gateway(echo: str) -> None:
    async def ask() -> None:
        windmill = connect(echo, {Role.viewer: KEY}, "mlops").by(Role.viewer)
        try:
            await windmill.version()
        finally:
            await windmill.http.aclose()

    with pytest.raises(WindmillRefused) as told:
        asyncio.run(ask())
    assert "Bearer ***" in str(told.value)
    assert KEY not in json.dumps(told.value.as_dict())


def test_of_windmill_to_sync(echo: str) -> None:
    with Windmill(echo, "mlops", KEY) as windmill, pytest.raises(WindmillError) as told:
        windmill.get("flows/list")
    assert "Bearer ***" in str(told.value)
    assert KEY not in str(told.value)


async def test_of_a_database_that_is_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    address = f"postgresql+psycopg://mlops:{KEY}@127.0.0.1:9/mlops"
    away = Stack("http://127.0.0.1:9", address)
    app = create_app(settings(away, access_database_url=f"sqlite:///{tmp_path}/access.db"))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http,
    ):
        answers = [await http.get(path) for path in ("/pipelines", "/health", "/metrics")]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert KEY not in "".join(answer.text for answer in answers) + caplog.text


def test_of_n8n_to_sync(echo: str) -> None:
    with pytest.raises(N8nError) as told:
        N8n(echo, KEY).check_key()
    assert "***" in str(told.value)
    assert KEY not in str(told.value)
