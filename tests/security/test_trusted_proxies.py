"""Who calls, and how, is taken from a proxy's headers only where that proxy is named."""

from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from tests.gateway.access.test_routes import settings
from tests.gateway.conftest import Connect

KEY = "a-key-for-tests-only"
PROXY, PERSON = "10.0.0.2", "203.0.113.9"
FORWARDED = {"x-forwarded-for": PERSON, "x-forwarded-proto": "https"}


async def sign_in(connect: Connect, caller: str, **changes: Any) -> httpx.Response:
    """As the browser of a person whom the proxy serves by TLS."""
    async with connect(caller=caller, api_key=KEY, **changes) as http:
        headers = {**FORWARDED, "origin": "https://127.0.0.1"}
        return await http.post("/builder/session", json={"key": KEY}, headers=headers)


@pytest.mark.parametrize("trusted", [PROXY, "10.0.0.0/24", f"192.0.2.1, {PROXY}"])
async def test_a_page_behind_a_named_proxy_is_one_of_https(connect: Connect, trusted: str) -> None:
    answer = await sign_in(connect, PROXY, mlops_trusted_proxies=trusted)
    assert answer.is_success


@pytest.mark.parametrize("trusted", ["", "192.0.2.1", "10.0.1.0/24"])
async def test_anybody_elses_headers_count_for_nothing(connect: Connect, trusted: str) -> None:
    answer = await sign_in(connect, PROXY, mlops_trusted_proxies=trusted)
    assert answer.status_code == 401


async def test_without_a_key_a_proxy_of_this_machine_lets_nobody_in(connect: Connect) -> None:
    """The person's address counts, however many they claim to be."""
    async with connect(mlops_trusted_proxies="127.0.0.1") as http:
        assert (await http.get("/pipelines")).status_code == 200
        for claimed in (PERSON, f"127.0.0.1, {PERSON}", f"::1, {PERSON}, 127.0.0.1"):
            answer = await http.get("/pipelines", headers={"x-forwarded-for": claimed})
            assert answer.status_code == 401


@pytest.mark.parametrize("trusted", ["", "127.0.0.1"])
@pytest.mark.parametrize("claimed", ["127.0.0.1", "::1", PERSON, ""])
@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "Via"]
)
async def test_what_a_proxy_passed_on_is_not_from_this_machine(
    connect: Connect, name: str, claimed: str, trusted: str
) -> None:
    async with connect(mlops_trusted_proxies=trusted) as http:
        answer = await http.get("/pipelines", headers={name: claimed})
        assert answer.status_code == 401
        assert "proxy" in answer.json()["error"]["message"]


async def test_nginx_that_was_told_nothing_lets_nobody_in(connect: Connect) -> None:
    """It passes requests on as HTTP/1.0, without a word of whose they are."""
    async with connect() as http:
        inner = http._transport.app  # type: ignore[attr-defined]

        async def old_http(scope: Any, receive: Any, send: Any) -> None:
            await inner({**scope, "http_version": "1.0"}, receive, send)

        http._transport.app = old_http  # type: ignore[attr-defined]
        assert (await http.get("/pipelines")).status_code == 401


async def test_nobody_makes_himself_this_machine(connect: Connect) -> None:
    async with connect(caller=PERSON, mlops_trusted_proxies=PROXY) as http:
        answer = await http.get("/pipelines", headers={"x-forwarded-for": "127.0.0.1"})
        assert answer.status_code == 401


@pytest.mark.parametrize("written", ["*", "proxy.example.org", "10.0.0.1/24", "10.0.0.1;10.0.0.2"])
def test_a_proxy_is_named_by_its_address(written: str) -> None:
    with pytest.raises(ValidationError, match="mlops_trusted_proxies"):
        settings(mlops_trusted_proxies=written)


def test_none_is_trusted_unless_named() -> None:
    assert settings().mlops_trusted_proxies == ""
