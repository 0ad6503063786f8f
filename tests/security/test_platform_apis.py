"""No request, however odd, makes the gateway or the engine fail."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
import uvicorn
import yaml

from engine.api.app import build
from engine.core import Engine
from engine.settings import Settings
from gateway.app import create_app
from tests.gateway.conftest import settings
from tests.gateway.stack import TOKEN, Stack
from tests.history.repository import make_repository
from tests.security.engine_requests import WORKSPACE, document
from tests.security.http_attack import findings
from tests.serving.support import running

CALLS = yaml.safe_load(Path(__file__).with_name("bad_engine_calls.yaml").read_text("utf-8"))
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
THING = "f/mlops/thing"
pytestmark = [pytest.mark.slow, pytest.mark.fuzz]

FURNITURE: dict[str, Any] = {
    "/folders/create": {"name": "mlops"},
    "/resources/type/create": {"name": "thing"},
    "/scripts/create": {"path": THING, "content": "def main(): ...", "language": "python3"},
    "/flows/create": {"path": THING, "value": {"modules": []}},
    "/variables/create": {"path": THING, "value": "v", "is_secret": False},
    "/resources/create": {"path": THING, "resource_type": "thing", "value": {"a": 1}},
    "/schedules/create": {
        "path": "f/mlops/other", "schedule": "0 0 0 * * *", "timezone": "UTC",
        "script_path": THING, "is_flow": False,
    },
    "/http_triggers/create": {
        "path": THING, "script_path": THING, "is_flow": True, "route_path": "thing",
        "authentication_method": "none", "http_method": "get", "is_static_website": False,
    },
    f"/jobs/run/f/{THING}?job_id=9f2d7a50-0000-4000-8000-000000000001": {},
}  # fmt: skip
SIGNING = f"whsec_{'A' * 43}="


@contextmanager
def live(app: Any) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        with running(server, listener):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_the_gateway_answers_every_request_as_its_document_says(
    stack: Stack, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "work")
    given = settings(stack, webhook_secret=SIGNING, mlops_catalog_repo=str(repository.path))
    app = create_app(given)
    for route in app.routes:
        if getattr(route, "path", "").startswith("/builder"):
            route.include_in_schema = True  # type: ignore[attr-defined]
    with live(app) as url:
        found = findings(app.openapi(), url, few=12)
    assert found == []


@contextmanager
def furnished(url: str) -> Iterator[httpx.Client]:
    """A client of an engine that has one thing of each kind, under the names the requests know."""
    with httpx.Client(base_url=f"{url}{WORKSPACE}", headers=HEADERS) as http:
        for call, body in FURNITURE.items():
            assert http.post(call, json=body).is_success, call
        yield http


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Jobs are queued and not run: what is made up here is no code to try."""
    monkeypatch.setattr("engine.api.jobs.run.WAIT_SECONDS", 0.01)
    monkeypatch.setattr("engine.api.jobs.updates._STREAM_SECONDS", 0.01)
    monkeypatch.setattr("engine.api.jobs.updates._SLOW", 0.01)
    made = Engine(Settings(tmp_path / "db", tmp_path / "cache", {TOKEN: ()}))
    yield made
    made.db.close()


def test_the_engine_answers_every_request_without_failing(engine: Engine) -> None:
    app = build(engine)
    with live(app) as url, furnished(url):
        found = findings(document(app), url, few=5, **HEADERS)
    assert found == []


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_that_once_made_the_engine_fail_is_refused(
    call: dict[str, str], engine: Engine
) -> None:
    with live(build(engine)) as url, furnished(url) as http:
        method = "POST" if "post" in call else "GET"
        content = call.get("body", "").encode() or None
        address = urljoin(f"{url}{WORKSPACE}/", call[method.lower()])
        answer = http.request(method, address, content=content)
        assert 400 <= answer.status_code < 500, answer.text
        for address in ("jobs/list", "workspaces/tarball", "scripts/list"):
            assert http.get(address).is_success
