import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import create_app
from gateway.http.settings import Settings
from tests.gateway.stack import BY_ROLE, SECRET, Stack, running_stack

Connect = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
Until = Callable[[str, str], Awaitable[dict[str, Any]]]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Path]:
    """Runs that are given this file wait until it is there; in the end none is left waiting."""
    file = tmp_path / "go-on"
    yield file
    file.touch()


def settings(stack: Stack, **changes: Any) -> Settings:
    values = {
        "secret_key": SECRET,
        "database_url": stack.registry_url,
        "windmill_api_url": stack.engine_url,
        **{f"windmill_{role}_key": token for role, token in BY_ROLE.items()},
    }
    return Settings.model_validate({**values, **changes})


@asynccontextmanager
async def _connected(
    stack: Stack, caller: str = "127.0.0.1", **changes: Any
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings(stack, **changes))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(caller, 50000))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http,
    ):
        yield http


@pytest.fixture
def connect(stack: Stack) -> Connect:
    """A gateway of its own with these settings, and a caller from there."""
    return lambda **options: _connected(stack, **options)


@pytest.fixture
async def api(connect: Connect) -> AsyncIterator[httpx.AsyncClient]:
    async with connect() as http:
        yield http


@pytest.fixture
def until(api: httpx.AsyncClient) -> Until:
    """The status, once it is this."""

    async def wait(id: str, state: str) -> dict[str, Any]:
        for _ in range(1000):
            status: dict[str, Any] = (await api.get(f"/pipelines/{id}/status")).json()
            if status["state"] == state:
                return status
            await asyncio.sleep(0.02)
        raise AssertionError(f"not {state}: {status}")

    return wait
