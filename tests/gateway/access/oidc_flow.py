"""A browser that signs in, and whoever stands between the gateway and the provider."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from fastapi import FastAPI

from gateway.app import create_app
from gateway.clients.oidc import Provider
from gateway.http.settings import Settings
from tests.tools.oidc_provider import RunningProvider, new_key

HOME = "http://127.0.0.1"
SECRET = "the-secret-of-the-client-for-tests"
CLIENT = {
    "client_id": "mlops",
    "client_secret": SECRET,
    "redirect_uris": [f"{HOME}/builder/login/callback"],
    "post_logout_redirect_uris": [f"{HOME}/"],
}
GATEWAY = {
    "secret_key": "a-secret-key-for-tests-only",
    "windmill_api_url": "http://windmill",
    "windmill_api_key": "-",
    "api_key": "the-one-key-of-this-gateway",
    "mlops_public_url": HOME,
    "oidc_client_id": "mlops",
    "oidc_client_secret": SECRET,
}


class Between(httpx.AsyncBaseTransport):
    """Passes on what the gateway asks, and changes what it is told."""

    def __init__(self, provider: RunningProvider, attack: Mapping[str, Any]) -> None:
        self._provider = provider
        self._attack = attack
        self._real = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        real = await self._real.handle_async_request(request)
        await real.aread()
        changed = self._changed(request.url.path, json.loads(real.content))
        return httpx.Response(real.status_code, json=changed, request=request)

    async def aclose(self) -> None:
        await self._real.aclose()

    def _changed(self, path: str, told: dict[str, Any]) -> dict[str, Any]:
        if path == "/token" and "id_token" in self._attack and "id_token" in told:
            return {**told, "id_token": self._token(told["id_token"], self._attack["id_token"])}
        parts = {"/me": "userinfo", "/jwks": "keys"}
        return {**told, **self._attack.get(parts.get(path, "discovery"), {})}

    def _token(self, real: str, change: Mapping[str, Any]) -> str:
        if change.get("nothing"):
            return ""
        header, claims = (decoded(part) for part in real.split(".")[:2])
        times = {name: int(time.time()) + at for name, at in change.get("times", {}).items()}
        claims |= {**change.get("claims", {}), **times}
        claims = {k: v for k, v in claims.items() if k not in change.get("without", ())}
        return self._signed({**header, **change.get("header", {})}, claims, change.get("signed_by"))

    def _signed(self, header: dict[str, Any], claims: dict[str, Any], by: str | None) -> str:
        text, own = f"{encoded(header)}.{encoded(claims)}", self._provider.keys[0]
        secrets = {"the client": SECRET.encode(), "the public key": own.as_pem(private=False)}
        if by == "nobody":
            return f"{text}."
        if by in secrets:
            return f"{text}.{bare(hmac.digest(secrets[by], text.encode(), 'sha256'))}"
        key = (new_key("first") if by == "a stranger" else own).private_key
        assert isinstance(key, RSAPrivateKey)
        return f"{text}.{bare(key.sign(text.encode(), PKCS1v15(), SHA256()))}"


async def stand_between(app: FastAPI, provider: RunningProvider, attack: Mapping[str, Any]) -> None:
    asked: Provider = app.state.sign_ins.provider
    await asked.http.aclose()
    asked.http = httpx.AsyncClient(transport=Between(provider, attack))


@asynccontextmanager
async def gateway(provider: RunningProvider, url: str, **changes: Any) -> AsyncIterator[FastAPI]:
    known = {**GATEWAY, "database_url": url, "oidc_issuer": provider.issuer}
    app = create_app(Settings.model_validate({**known, **changes}))
    async with app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("127.0.0.1", 9))
    async with httpx.AsyncClient(transport=transport, base_url=HOME) as http:
        yield http


async def signed_in_there(address: str, person: str) -> str:
    """Follows the provider's redirects; where it sends the browser back to."""
    async with httpx.AsyncClient() as http:
        address = f"{address}&login_hint={person}"
        for _ in range(10):
            answer = await http.get(address)
            assert answer.is_redirect, answer.text
            address = str(httpx.URL(address).join(answer.headers["location"]))
            if address.startswith(f"{HOME}/"):
                return address
    raise AssertionError(f"no way back from {address}")


async def sign_in(
    http: httpx.AsyncClient, person: str, attack: Mapping[str, Any] | None = None
) -> httpx.Response:
    begun = await http.get("/builder/login")
    if not begun.is_redirect:
        return begun
    back = await signed_in_there(begun.headers["location"], person)
    return await http.get(changed_query(back, (attack or {}).get("callback", {})))


def changed_query(address: str, changes: Mapping[str, str | None]) -> str:
    query = {**dict(parse_qsl(urlsplit(address).query)), **changes}
    left = {name: value for name, value in query.items() if value is not None}
    return f"{address.split('?')[0]}?{urlencode(left)}"


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=="))


def encoded(value: Any) -> str:
    return bare(json.dumps(value).encode())


def bare(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
