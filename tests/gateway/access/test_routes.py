"""Every route × every role: the routes are the app's own, so that none is missed."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.staticfiles import StaticFiles

from gateway.access import guard
from gateway.access.errors import Unauthorized
from gateway.access.roles import Grant, Principal, Role
from gateway.access.rules import RULES
from gateway.app import create_app
from gateway.http.settings import Settings

LEAST: dict[str, str] = yaml.safe_load(Path(__file__).with_name("routes.yaml").read_text())
ROLES = ("nobody", *Role)
REACHED = 299
SETTINGS = {
    "secret_key": "a-secret-key-for-tests-only",
    "database_url": "sqlite://",
    "windmill_api_url": "http://windmill",
    "windmill_api_key": "-",
}


def settings(**changes: Any) -> Settings:
    return Settings.model_validate({**SETTINGS, **changes})


def routes() -> Iterator[tuple[str, str, str]]:
    """Method, address and name in the table, of every route that the gateway has."""
    for context in iter_route_contexts(create_app(settings()).routes):
        for name in guard.names_of_route(context.original_route):
            address = re.sub(r"\{[^}]*\}", "x", context.path or "")
            yield name.split()[0], address, name


async def _reached(request: Request) -> Response:
    return Response(status_code=REACHED)


async def _named_by_header(request: Request, *, page: bool) -> Principal:
    role = request.headers["role"]
    if role == "nobody":
        raise Unauthorized(reason="No key")
    return Principal(role, (Grant(Role(role)),))


@pytest.fixture
async def http(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """The gateway with a stub behind each route: what is asked here is who gets that far."""
    monkeypatch.setattr(APIRoute, "get_route_handler", lambda _: _reached)
    monkeypatch.setattr(guard, "identify", _named_by_header)
    transport = httpx.ASGITransport(create_app(settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


def expected(name: str, role: str) -> bool:
    return ROLES.index(role) >= ROLES.index(LEAST[name])


@pytest.mark.parametrize("role", ROLES)
async def test_every_route_serves_whom_its_row_names_and_nobody_else(
    http: httpx.AsyncClient, role: str
) -> None:
    wrong = []
    for method, address, name in routes():
        answer = await http.request(method, address, headers={"role": role})
        served = answer.status_code not in (401, 403)
        if served != expected(name, role):
            wrong.append(f"{name} ({address}): {answer.status_code}")
    assert not wrong


def test_both_tables_have_a_row_for_each_route_and_no_other() -> None:
    names = {name for _, _, name in routes()}
    assert names == set(RULES) == set(LEAST)


@pytest.mark.parametrize(
    ("runnable", "role", "status"),
    [
        ("catalog", "viewer", REACHED),
        ("deployment", "viewer", REACHED),
        ("deploy", "viewer", 403),
        ("destroy", "viewer", 403),
        ("call", "viewer", 403),
        ("something-new", "viewer", 403),
        ("deploy", "builder", REACHED),
    ],
)
async def test_a_viewer_runs_in_the_builder_what_only_shows(
    http: httpx.AsyncClient, runnable: str, role: str, status: int
) -> None:
    answer = await http.post(f"/builder/run/{runnable}", headers={"role": role})
    assert answer.status_code == status


async def test_a_refusal_says_which_role_one_has_and_what_it_lacks(http: httpx.AsyncClient) -> None:
    error = (await http.delete("/pipelines/x", headers={"role": "viewer"})).json()["error"]
    assert error["code"] == "forbidden"
    assert "viewer" in error["message"]
    assert "operator" in error["fix"]


def test_a_route_without_a_row_keeps_the_gateway_from_starting() -> None:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/new", lambda: None)
    with pytest.raises(LookupError, match="GET /new"):
        guard.check_complete(app)


def test_a_route_with_a_row_that_nothing_holds_to_it_is_found() -> None:
    app, router = FastAPI(openapi_url=None), APIRouter()
    router.add_api_route("/catalog", lambda: None)
    app.include_router(router, prefix="/api/v1")
    with pytest.raises(LookupError, match="not a GuardedRoute"):
        guard.check_complete(app)


def test_folders_of_files_need_a_row_as_well(tmp_path: Path) -> None:
    app = FastAPI(openapi_url=None)
    app.mount("/files", StaticFiles(directory=tmp_path))
    with pytest.raises(LookupError, match="MOUNT /files"):
        guard.check_complete(app)


async def test_who_calls_is_looked_at_before_the_body_is_read(http: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        raise AssertionError("read")
        yield b""

    answer = await http.post("/pipelines/deploy", content=endless(), headers={"role": "nobody"})
    assert answer.status_code == 401
