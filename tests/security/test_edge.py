"""Caddy and nginx as deploy/edge has them, in front of a gateway and of an API that streams."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from gateway.app import create_app
from gateway.http.settings import Settings
from tests.gateway.access.conftest import ADMIN, SETTINGS, bearer
from tests.gateway.stack import free_port
from tests.security.edge import (
    Certificate,
    Edge,
    Upstreams,
    caddy,
    certificate,
    nginx,
    nginx_command,
    running,
    served,
)

pytestmark = pytest.mark.slow
PROXIES = {"caddy": caddy, "nginx": nginx}
ELSEWHERE = "203.0.113.9"
ORIGIN = {"origin": "https://mlops.example"}


class Streaming:
    """Says a word, and the next when it is told that the first arrived."""

    def __init__(self) -> None:
        self.heard = threading.Event()
        self.app = FastAPI()
        self.app.get("/chat")(self.chat)

    async def chat(self) -> StreamingResponse:
        return StreamingResponse(self._words(), media_type="text/event-stream")

    async def _words(self) -> AsyncIterator[str]:
        yield "data: one\n\n"
        assert await asyncio.to_thread(self.heard.wait, 20)
        yield "data: two\n\n"


class Site:
    def __init__(self, edge: Edge, tls: Certificate, streaming: Streaming) -> None:
        self.edge, self.tls, self.streaming = edge, tls, streaming

    def client(self, name: str = "mlops.example", **context: Any) -> httpx.Client:
        trusted = ssl.create_default_context(cafile=self.tls.certificate)
        for attribute, value in context.items():
            setattr(trusted, attribute, value)
        return httpx.Client(
            transport=Named(name, httpx.HTTPTransport(verify=trusted)),
            base_url=f"https://127.0.0.1:{self.edge.https}",
            headers={"host": name},
            timeout=20,
        )


class Named(httpx.BaseTransport):
    """Asks for this name at whatever address."""

    def __init__(self, name: str, inner: httpx.BaseTransport) -> None:
        self._name, self._inner = name, inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = self._name
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def gateway_app(folder: Path, **changes: Any) -> FastAPI:
    database = {"database_url": f"sqlite:///{folder}/state.db"}
    trusted = {"mlops_trusted_proxies": "127.0.0.1"}
    return create_app(Settings.model_validate({**SETTINGS, **database, **trusted, **changes}))


@contextmanager
def opened(proxy: str, folder: Path, **changes: Any) -> Iterator[Site]:
    tls, streaming = certificate(folder), Streaming()
    with (
        served(gateway_app(folder, **changes)) as gateway,
        served(streaming.app) as deployment,
        PROXIES[proxy](folder, tls, Upstreams(gateway, deployment)) as edge,
    ):
        yield Site(edge, tls, streaming)


@pytest.fixture(scope="module", params=PROXIES)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with opened(request.param, tmp_path_factory.mktemp("edge")) as found:
        yield found


def test_tls_is_of_now(site: Site) -> None:
    with site.client() as http:
        answer = http.get("/builder/app")
        stream = answer.extensions["network_stream"]
        assert stream.get_extra_info("ssl_object").version() == "TLSv1.3"
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
    with (
        site.client(maximum_version=ssl.TLSVersion.TLSv1_2) as old,
        pytest.raises(httpx.ConnectError, match=r"(?i)protocol.version"),
    ):
        old.get("/")


def test_plain_http_only_leads_to_https(site: Site) -> None:
    url = f"http://127.0.0.1:{site.edge.http}/builder/app"
    answer = httpx.get(url, headers={"host": "mlops.example"})
    assert answer.status_code == 308
    assert answer.headers["location"].startswith("https://mlops.example")


def test_nobody_gets_in_without_a_key(site: Site) -> None:
    with site.client() as http:
        for claim in ({}, {"x-forwarded-for": "127.0.0.1"}, {"forwarded": "for=127.0.0.1"}):
            assert http.get("/access/me", headers=claim).status_code == 401
        assert http.get("/access/me", headers=bearer(ADMIN)).status_code == 200


def test_a_browser_signs_in_and_the_audit_log_has_who_really_called(site: Site) -> None:
    claims = {"x-forwarded-for": ELSEWHERE, "forwarded": f"for={ELSEWHERE}"}
    with site.client() as http:
        body = {"name": "ann", "role": "viewer"}
        http.post("/access/keys", json=body, headers={**bearer(ADMIN), **claims})
        told = http.get("/audit", headers=bearer(ADMIN)).json()
        answer = http.post("/builder/session", json={"key": ADMIN}, headers=ORIGIN)
        page, refresh = answer.headers.get_list("set-cookie")
        cookie = {"cookie": page.split(";")[0]}
        assert http.get("/builder/account", headers=cookie).status_code == 200
    assert {entry["address"] for entry in told} == {"127.0.0.1"}
    assert page.startswith("__Host-mlops_session=")
    assert "Secure" in page
    assert refresh.startswith("__Secure-mlops_refresh=")
    assert "Secure" in refresh


def test_words_arrive_as_they_are_said(site: Site) -> None:
    with site.client("chat.mlops.example") as http, http.stream("GET", "/chat") as answer:
        words = answer.iter_text()
        assert next(words) == "data: one\n\n"
        site.streaming.heard.set()
        assert "".join(words) == "data: two\n\n"


@pytest.mark.parametrize("trusted", ["", "127.0.0.1"])
@pytest.mark.parametrize("proxy", PROXIES)
def test_a_gateway_without_a_key_lets_nobody_in_through_it(
    proxy: str, trusted: str, tmp_path: Path
) -> None:
    changes = {"api_key": None, "mlops_trusted_proxies": trusted}
    with opened(proxy, tmp_path, **changes) as site, site.client("mlops.example") as http:
        refused = http.get("/access/me")
    assert refused.status_code == 401
    assert "proxy" in refused.json()["error"]["message"]


def test_nor_through_an_nginx_that_was_told_nothing(tmp_path: Path) -> None:
    port = free_port()
    with served(gateway_app(tmp_path, api_key=None, mlops_trusted_proxies="")) as gateway:
        site = f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:"
        command = nginx_command(tmp_path, f"{site}{gateway}; }} }}\n")
        assert httpx.get(f"http://127.0.0.1:{gateway}/access/me").status_code == 200
        with running(command, tmp_path, Edge(port, port)):
            assert httpx.get(f"http://127.0.0.1:{port}/access/me").status_code == 401
