"""Two gateways of one Postgres: a session is one, wherever the browser's next request goes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.access import sessions
from gateway.access.errors import SignInRefused
from gateway.access.roles import Grant, Principal, Role
from gateway.state.database import Database
from gateway.state.sessions import GRACE, Sessions
from tests.gateway.access.conftest import ADMIN, Gateway, add_key, bearer
from tests.gateway.access.test_sessions import Clock, cookies, renew, sign_in, works
from tests.tools.needs import need
from tests.tools.postgres import running_postgres

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("postgres-sessions")]
Two = tuple[httpx.AsyncClient, httpx.AsyncClient]


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with running_postgres(need("postgres")) as server:
        yield server


@pytest.fixture
def url(server: Any) -> str:
    return str(server.new_schema())


@pytest.fixture
async def two(gateway: Gateway, url: str) -> AsyncIterator[Two]:
    async with AsyncExitStack() as open_:
        one = await open_.enter_async_context(gateway(key="", database_url=url))
        other = await open_.enter_async_context(gateway(key="", database_url=url))
        yield one, other


async def test_both_start_on_an_empty_database_at_once(two: Two) -> None:
    answers = await asyncio.gather(
        *(each.get("/access/keys", headers=bearer(ADMIN)) for each in two)
    )
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_signed_in_at_one_is_signed_in_at_the_other(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    monkeypatch.setattr(sessions, "datetime", Clock)
    Clock.moment = datetime.now(UTC)
    await sign_in(one, await key_of_ann(one))
    first = cookies(one)
    assert await works(other, first)
    assert await renew(other, first) == 204
    second = cookies(other)
    assert await works(one, second)
    Clock.moment += GRACE + timedelta(seconds=1)
    assert await renew(one, first) == 401, "a copy, shown where it was not renewed"
    assert await renew(other, second) == 401, "so it ended for both"


async def test_renewed_at_both_at_once_it_goes_on(two: Two) -> None:
    one, other = two
    await sign_in(one, await key_of_ann(one))
    both = cookies(one)
    assert set(await asyncio.gather(renew(one, both), renew(other, both))) == {204}


async def test_what_ends_at_one_is_not_renewed_at_the_other(two: Two) -> None:
    one, other = two
    await sign_in(one, await key_of_ann(one))
    carried = cookies(one)
    await other.delete("/access/keys/ann", headers=bearer(ADMIN))
    assert await renew(one, carried) == 401
    assert not await works(other, carried)


async def test_one_answer_of_a_provider_opens_one_session(url: str) -> None:
    databases = [Database(url), Database(url)]
    now = datetime.now(UTC)
    ann = Principal("oidc:ann", (Grant(Role.viewer),))
    asked = (
        Sessions(each).open(ann, "oidc:x", now, now + timedelta(hours=1), "the-same-state")
        for each in databases
    )
    opened = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(each).__name__ for each in opened) == ["Session", SignInRefused.__name__]
    for each in databases:
        each.close()


async def key_of_ann(http: httpx.AsyncClient) -> str:
    http.headers.update(bearer(ADMIN))
    key = await add_key(http, "ann", "viewer")
    del http.headers["authorization"]
    return key
