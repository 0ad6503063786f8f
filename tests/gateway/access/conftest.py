from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import create_app
from gateway.http.settings import Settings

ADMIN = "the-one-key-of-this-gateway"
SETTINGS = {
    "secret_key": "a-secret-key-for-tests-only",
    "windmill_api_url": "http://windmill",
    "windmill_api_key": "-",
    "api_key": ADMIN,
}
# A gateway with its own database, asked by whoever holds this key; nobody asks its Windmill.
Gateway = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    @asynccontextmanager
    async def connected(key: str = ADMIN, **changes: Any) -> AsyncIterator[httpx.AsyncClient]:
        values = {"database_url": f"sqlite:///{tmp_path}/state.db", **SETTINGS, **changes}
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
