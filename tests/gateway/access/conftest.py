from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, create_engine, inspect, text

from gateway.app import create_app
from gateway.http.settings import Settings
from tests.tools.needs import need
from tests.tools.postgres import Postgres, running_postgres

ADMIN = "the-one-key-of-this-gateway"
SETTINGS = {
    "secret_key": "a-secret-key-for-tests-only",
    "windmill_api_url": "http://windmill",
    "windmill_api_key": "-",
    "api_key": ADMIN,
}
# A gateway with its own database, asked by whoever holds this key; nobody asks its Windmill.
Gateway = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


ON_BOTH = ("test_audit", "test_keys", "test_persons", "test_sessions")
BOTH = ("sqlite", pytest.param("postgres", marks=pytest.mark.slow))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is kept is kept in either kind of database."""
    module = metafunc.module.__name__.rpartition(".")[2]
    if module in ON_BOTH and "state_url" in metafunc.fixturenames:
        metafunc.parametrize("state_url", BOTH, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres(need("postgres")) as server:
        yield server


@pytest.fixture
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a database that is empty."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path}/state.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_schema()


@contextmanager
def connected_to(url: str) -> Iterator[Connection]:
    """Around the gateway, as somebody who owns the database."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def everything_in(url: str) -> str:
    """Of each table every row."""
    with connected_to(url) as connection:
        tables = inspect(connection).get_table_names()
        return str([connection.execute(text(f"SELECT * FROM {each}")).all() for each in tables])


def disarm(connection: Connection) -> None:
    """The owner of a database can take any trigger away."""
    sqlite = connection.engine.name == "sqlite"
    names = ("access_audit_no_update", "access_audit_no_delete")
    for name in names if sqlite else ("access_audit_no_change",):
        where = "" if sqlite else " ON access_audit"
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}{where}"))


@pytest.fixture
def gateway(state_url: str) -> Gateway:
    @asynccontextmanager
    async def connected(key: str = ADMIN, **changes: Any) -> AsyncIterator[httpx.AsyncClient]:
        values = {"database_url": state_url, **SETTINGS, **changes}
        app = create_app(Settings.model_validate(values))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("127.0.0.1", 9))
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", headers=headers
            ) as http,
        ):
            yield http

    return connected


@pytest.fixture
async def admin(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway() as http:
        yield http


async def add_key(http: httpx.AsyncClient, name: str, role: str, **more: Any) -> str:
    answer = await http.post("/access/keys", json={"name": name, "role": role, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
