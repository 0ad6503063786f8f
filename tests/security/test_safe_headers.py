"""Every answer binds the browser: nothing is loaded from elsewhere, nobody else frames a page."""

import inspect
from pathlib import Path

import httpx
import pytest

import gateway.http.docs_page
import gateway.http.safe_headers
import serving.api.docs_page
import serving.api.safe_headers
from serving.api.app import create_app
from serving.components import load_components
from serving.graph import wire
from serving.models.llm import Llm
from serving.pipeline import Pipeline
from serving.runtime import Runtime
from tests.gateway.conftest import Connect
from tests.serving.support import chatbot

KEY = "a-key-for-tests-only"
NONE = {"default-src": "'none'", "frame-ancestors": "'none'"}
APP = {"default-src": "'self'", "frame-ancestors": "'self'"}
HOST = {"default-src": "'self'", "frame-ancestors": "'none'"}


def assert_safe(answer: httpx.Response, policy: dict[str, str]) -> None:
    parts = answer.headers["content-security-policy"].split("; ")
    told = dict(part.split(" ", 1) for part in parts)
    assert {name: told[name] for name in policy} == policy
    assert "http" not in answer.headers["content-security-policy"]
    assert "'unsafe-inline'" not in told.get("script-src", told["default-src"])
    assert told["base-uri"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("path", "policy"),
    [
        ("/", HOST),
        ("/builder/app", APP),
        ("/docs", NONE),
        ("/docs/swagger-ui-bundle.js", NONE),
        ("/builder/pages/host.js", HOST),
        ("/openapi.json", NONE),
        ("/health", NONE),
        ("/nowhere", NONE),
    ],
)
async def test_the_gateways_answers(connect: Connect, path: str, policy: dict[str, str]) -> None:
    async with connect() as http:
        assert_safe(await http.get(path), policy)


async def test_the_sign_in_stands_in_no_frame(connect: Connect) -> None:
    async with connect(api_key=KEY) as http:
        answer = await http.get("/")
    assert answer.status_code == 401
    assert_safe(answer, HOST)


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/nowhere"])
async def test_a_pipelines_answers(tmp_path: Path, path: str) -> None:
    pipeline = Pipeline.model_validate(chatbot(tmp_path))
    runtime = Runtime(wire(pipeline, load_components()), Llm("http://127.0.0.1:1", ""), tmp_path)
    transport = httpx.ASGITransport(create_app(pipeline, runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        framed_by = "'self'" if path == "/" else "'none'"
        assert_safe(await http.get(path), {**NONE, "frame-ancestors": framed_by})


def test_gateway_and_pipelines_have_one_text() -> None:
    ours, theirs = gateway.http, serving.api
    assert inspect.getsource(ours.safe_headers) == inspect.getsource(theirs.safe_headers)
    assert inspect.getsource(ours.docs_page) == inspect.getsource(theirs.docs_page)
