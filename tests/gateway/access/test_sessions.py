"""Browser sessions: short tokens, renewed in rotation, and what a copy of one is worth."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.access import sessions
from gateway.access.errors import Unauthorized
from gateway.access.tokens import Tokens
from gateway.state import sessions as stored
from tests.gateway.access.conftest import ADMIN, Gateway, add_key, bearer

HERE = {"origin": "http://127.0.0.1"}
PAGE, REFRESH = sessions.COOKIE, sessions.REFRESH_COOKIE


class Clock(datetime):
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return cls.moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    Clock.moment = datetime(2026, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(sessions, "datetime", Clock)
    return Clock


@pytest.fixture
def browser(gateway: Gateway, clock: type[Clock]) -> Any:
    """A gateway as a browser sees it that signed in with this key, unless told not to."""

    @asynccontextmanager
    async def opened(key: str = ADMIN, **changes: Any) -> AsyncIterator[httpx.AsyncClient]:
        async with gateway(key="", **changes) as http:
            if key:
                assert (await sign_in(http, key)).status_code == 204
            yield http

    return opened


async def sign_in(http: httpx.AsyncClient, key: str) -> httpx.Response:
    return await http.post("/builder/session", json={"key": key}, headers=HERE)


async def renew(http: httpx.AsyncClient, copy: dict[str, str] | None = None) -> int:
    headers = {**HERE, **_sent(copy)}
    return (await http.post("/builder/session/renewal", headers=headers)).status_code


async def works(http: httpx.AsyncClient, copy: dict[str, str] | None = None) -> bool:
    return (await http.get("/builder/app", headers=_sent(copy))).status_code == 200


def _sent(copy: dict[str, str] | None) -> dict[str, str]:
    return {"cookie": "; ".join(f"{k}={v}" for k, v in copy.items())} if copy else {}


def cookies(http: httpx.AsyncClient) -> dict[str, str]:
    return {cookie.name: cookie.value or "" for cookie in http.cookies.jar}


async def test_the_cookies_are_for_this_site_and_no_script(gateway: Gateway) -> None:
    async with gateway(key="") as http:
        set_ = (await sign_in(http, ADMIN)).headers.get_list("set-cookie")
        http.base_url = httpx.URL("https://mlops.example")
        origin = {"origin": "https://mlops.example"}
        over_tls = await http.post("/builder/session", json={"key": ADMIN}, headers=origin)
    assert len(set_) == 2
    for cookie in set_:
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert ADMIN not in cookie
        assert "Secure" not in cookie
    assert f"Path={sessions.REFRESH_PATH}" in set_[1]
    page, refresh = over_tls.headers.get_list("set-cookie")
    assert page.startswith("__Host-mlops_session=")
    assert refresh.startswith("__Secure-mlops_refresh=")
    assert "Path=/;" in page
    assert "Domain" not in page
    assert "; Secure" in page
    assert "; Secure" in refresh


async def test_over_tls_only_cookies_that_nobody_else_can_set_count(gateway: Gateway) -> None:
    async with gateway(key="") as http:
        assert (await sign_in(http, ADMIN)).status_code == 204
        plain = cookies(http)
        http.cookies.clear()
        http.base_url = httpx.URL("https://mlops.example")
        assert not await works(http, plain)
        origin = {"origin": "https://mlops.example"}
        await http.post("/builder/session", json={"key": ADMIN}, headers=origin)
        assert await works(http)
        assert (await http.post("/builder/session/renewal", headers=origin)).status_code == 204
        ended = await http.delete("/builder/session", headers=origin)
        assert all("; Secure" in cookie for cookie in ended.headers.get_list("set-cookie"))
        assert not http.cookies


async def test_a_page_token_is_short_and_is_renewed(browser: Any, clock: type[Clock]) -> None:
    async with browser() as http:
        for _ in range(3):
            assert await works(http)
            clock.moment += timedelta(seconds=sessions.PAGE_SECONDS)
            assert not await works(http)
            assert await renew(http) == 204
        clock.moment += sessions.LONGEST
        assert await renew(http) == 401


async def test_a_copied_refresh_token_ends_the_session_for_both(
    browser: Any, clock: type[Clock]
) -> None:
    async with browser() as http:
        thief = cookies(http)
        assert await renew(http) == 204
        clock.moment += timedelta(minutes=1)
        assert await renew(http, thief) == 401
        assert not await works(http)
        assert await renew(http) == 401
        told = (await http.get("/audit", headers=bearer(ADMIN))).json()
    assert ("admin-key", "renew session twice", "refused") in {
        (each["who"], each["action"], each["outcome"]) for each in told
    }


async def test_two_tabs_that_renew_at_once_stay_signed_in(browser: Any, clock: type[Clock]) -> None:
    async with browser() as http:
        other_tab = cookies(http)
        assert await renew(http) == 204
        clock.moment += stored.GRACE / 2
        assert await renew(http, other_tab) == 204
        clock.moment += timedelta(minutes=1)
        assert await renew(http) == 204


async def test_signing_out_ends_it_also_for_a_copy(browser: Any, clock: type[Clock]) -> None:
    async with browser() as http, browser(key="") as other_gateway:
        copy = cookies(http)
        assert (await http.delete("/builder/session", headers=HERE)).status_code == 204
        assert not http.cookies
        assert await renew(http, copy) == 401
        assert not await works(http, copy)
        assert await works(other_gateway, copy), "it believes a page's token, which is short"
        clock.moment += timedelta(seconds=sessions.PAGE_SECONDS)
        assert not await works(other_gateway, copy)
        assert await renew(other_gateway, copy) == 401


async def test_a_key_s_session_has_its_role_and_ends_with_it(browser: Any, admin: Any) -> None:
    key = await add_key(admin, "ann", "viewer")
    async with browser(key) as http:
        assert (await http.get("/access/me")).json()["role"] == "viewer"
        assert (await http.post("/builder/run/deploy", json={}, headers=HERE)).status_code == 403
        await http.delete("/access/keys/ann", headers=bearer(ADMIN))
        assert not await works(http)
        assert await renew(http) == 401


async def test_a_session_lasts_no_longer_than_its_key(
    gateway: Gateway, browser: Any, admin: Any, clock: type[Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.moment = datetime.now(UTC) + timedelta(hours=20)
    key = await add_key(admin, "ann", "viewer", expires_in_days=1)
    async with browser(key) as http:
        clock.moment += timedelta(hours=5)
        assert await renew(http) == 401


async def test_an_operator_sees_sessions_and_ends_one(gateway: Gateway) -> None:
    async with gateway(key="") as http:
        key = await add_key_as_admin(http)
        await sign_in(http, key)
        (session,) = (await http.get("/access/sessions", headers=bearer(ADMIN))).json()
        assert session["who"] == "key:ann"
        address = f"/access/sessions/{session['id']}"
        assert (await http.delete(address, headers=bearer(ADMIN))).json()["who"] == "key:ann"
        assert (await http.delete(address, headers=bearer(ADMIN))).status_code == 404
        assert not await works(http)
        assert (await http.get("/access/sessions", headers=bearer(ADMIN))).json() == []


async def add_key_as_admin(http: httpx.AsyncClient) -> str:
    body = {"name": "ann", "role": "viewer"}
    return str((await http.post("/access/keys", json=body, headers=bearer(ADMIN))).json()["key"])


async def test_another_admin_key_ends_the_sessions_of_the_one_before(browser: Any) -> None:
    async with browser() as before, browser(key="", api_key="another-key-altogether") as after:
        assert not await works(after, cookies(before))
        assert await renew(after, cookies(before)) == 401


async def test_a_changed_secret_keeps_sessions_where_the_old_one_is_named(
    browser: Any, admin: httpx.AsyncClient
) -> None:
    key = await add_key(admin, "ann", "viewer")
    old, new = "a-secret-key-for-tests-only", "another-secret-key-for-tests"
    async with (
        browser(key) as before,
        browser(key="", secret_key=new, previous_secret_keys=f"older, {old}") as rotated,
        browser(key="", secret_key=new) as forgetful,
    ):
        carried = cookies(before)
        assert not await works(forgetful, carried)
        assert await renew(forgetful, carried) == 401
        assert await works(rotated, carried)
        assert await renew(rotated, carried) == 204
        assert await works(forgetful, cookies(rotated)), "what it signs now is the new one's"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    ],
    ids=["says nothing", "another port", "no origin", "a neighbour", "another site"],
)
async def test_a_write_by_cookie_says_that_it_comes_from_here(
    browser: Any, headers: dict[str, str]
) -> None:
    async with browser() as http:
        run = await http.post("/builder/run/deploy", json={}, headers=headers)
        assert run.status_code == 401
        for method, path in (("POST", "/builder/session/renewal"), ("DELETE", "/builder/session")):
            assert (await http.request(method, path, headers=headers)).status_code == 401
        assert await works(http)


async def test_a_session_opens_pages_and_not_the_api(browser: Any) -> None:
    async with browser() as http:
        for path in ("/pipelines", "/access/keys", "/audit"):
            assert (await http.get(path, headers=HERE)).status_code == 401


async def test_who_may_see_single_deployments_only_is_not_let_in(
    gateway: Gateway, admin: httpx.AsyncClient
) -> None:
    key = await add_key(admin, "shop", "builder", deployments=["a"])
    async with gateway(key="") as http:
        assert (await sign_in(http, key)).status_code == 403
        assert not http.cookies


# ---- forged tokens

TOKENS = Tokens(["a-secret-key-for-tests-only"], "page", "mlops")
CLAIMS = {"sid": "x", "by": "key:x", "sub": "ann", "grants": []}


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def forged() -> dict[str, str]:
    good = TOKENS.make(CLAIMS, 1000, 300)
    header, payload, signature = good.split(".")
    read = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return {
        "no algorithm": f"{part({'alg': 'none'})}.{payload}.",
        "no signature": f"{header}.{payload}.",
        "other claims": f"{header}.{part({**read, 'sub': 'bob'})}.{signature}",
        "another secret": Tokens(["another-secret-key"], "page", "mlops").make(CLAIMS, 1000, 300),
        "a refresh token": Tokens(["a-secret-key-for-tests-only"], "refresh", "mlops").make(
            CLAIMS, 1000, 300
        ),
        "another workspace": Tokens(["a-secret-key-for-tests-only"], "page", "lab").make(
            CLAIMS, 1000, 300
        ),
        "over": TOKENS.make(CLAIMS, 500, 300),
        "of tomorrow": TOKENS.make(CLAIMS, 90_000, 300),
        "empty": "",
        "not a token": "a.b.c",
        "odd letters": "é.é.é",
    }


@pytest.mark.parametrize("kind", forged())
def test_a_forged_token_is_refused(kind: str) -> None:
    assert TOKENS.read(TOKENS.make(CLAIMS, 1000, 300), 1100)["sub"] == "ann"
    with pytest.raises(Unauthorized):
        TOKENS.read(forged()[kind], 1100)
