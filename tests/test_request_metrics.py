"""Serving, gateway and engine count requests alike, and a client cannot choose a label."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import yaml
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message

from engine.api import metrics as engine
from gateway.http import metrics as gateway
from serving.api import metrics as serving
from serving.pipeline import Pipeline
from tests.serving.support import served

CASES = yaml.safe_load(Path(__file__).with_name("request_metrics_cases.yaml").read_text("utf-8"))
PAUSE = 0.05

Measured = tuple[ASGIApp, Callable[[], bytes]]


def app() -> FastAPI:
    routes = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    routes.add_api_route("/items/{id}", item, methods=["GET", "POST"])
    routes.add_api_route("/stream", stream)
    routes.add_api_route("/broken", broken)
    routes.add_api_route("/breaks", breaks)
    routes.add_api_route("/never", never)
    routes.router.routes.append(Mount("/w/{space}", routes=[Route("/jobs/{id}", job)]))
    return routes


async def item(id: str) -> str:
    return id


async def job(request: Request) -> JSONResponse:
    return JSONResponse({})


async def stream() -> StreamingResponse:
    return StreamingResponse(slowly())


async def slowly() -> AsyncIterator[str]:
    yield "one"
    await asyncio.sleep(PAUSE)
    yield "two"


async def broken() -> None:
    raise RuntimeError("secret")


async def breaks() -> StreamingResponse:
    return StreamingResponse(half())


async def half() -> AsyncIterator[str]:
    yield "one"
    raise RuntimeError("secret")


async def never() -> None:
    await asyncio.Event().wait()


def in_serving() -> Measured:
    pipeline = Pipeline.model_validate(served("evaluation", "report"))
    metrics = serving.Metrics(pipeline, 0)
    return serving.MeasureRequests(app(), metrics), metrics.page


def in_gateway() -> Measured:
    metrics = gateway.Metrics()
    return gateway.MeasureRequests(app(), metrics), metrics.text


def in_engine() -> Measured:
    none = SimpleNamespace(queued=0, running=0, succeeded=0, failed=0)
    jobs: Any = SimpleNamespace(numbers=lambda: none)
    metrics = engine.Metrics(jobs)
    return engine.MeasureRequests(app(), metrics), metrics.text


PACKAGES = [in_serving, in_gateway, in_engine]


def counted(page: bytes, sample: str, *labels: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(each.labels[label] for label in labels): each.value
        for family in text_string_to_metric_families(page.decode())
        for each in family.samples
        if each.name == sample
    }


async def asked(to: ASGIApp, method: str, path: str) -> None:
    transport = httpx.ASGITransport(to, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.request(method, path)


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
async def test_a_request_is_counted_once_with_the_same_labels(
    package: Callable[[], Measured], case: dict[str, Any]
) -> None:
    measured, page = package()
    await asked(measured, case["method"], case["path"])
    labels = (case["route"], case.get("counted", case["method"]), str(case["status"]))
    assert counted(page(), "api_requests_total", "route", "method", "status") == {labels: 1}
    assert counted(page(), "api_response_time_seconds_count", "route") == {(case["route"],): 1}
    assert b"secret" not in page().lower()


@pytest.mark.parametrize("package", PACKAGES)
async def test_a_stream_lasts_until_its_last_byte(package: Callable[[], Measured]) -> None:
    measured, page = package()
    await asked(measured, "GET", "/stream")
    (seconds,) = counted(page(), "api_response_time_seconds_sum", "route").values()
    assert seconds >= PAUSE


@pytest.mark.parametrize("package", PACKAGES)
async def test_a_client_that_leaves_is_counted_with_what_it_was_answered(
    package: Callable[[], Measured],
) -> None:
    measured, page = package()
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
        "method": "GET", "scheme": "http", "path": "/stream", "raw_path": b"/stream",
        "query_string": b"", "root_path": "", "headers": [], "server": ("test", 80),
    }  # fmt: skip
    began = asyncio.Event()

    async def receive() -> Message:
        await began.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        began.set()

    await measured(scope, receive, send)
    labels = {("/stream", "GET", "200"): 1}
    assert counted(page(), "api_requests_total", "route", "method", "status") == labels


@pytest.mark.parametrize("package", PACKAGES)
async def test_what_is_cut_off_before_an_answer_failed(package: Callable[[], Measured]) -> None:
    measured, page = package()
    request = asyncio.create_task(asked(measured, "GET", "/never"))
    await asyncio.sleep(PAUSE)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    labels = {("/never", "GET", "500"): 1}
    assert counted(page(), "api_requests_total", "route", "method", "status") == labels


def test_the_middleware_is_one_text() -> None:
    texts = {inspect.getsource(each.MeasureRequests) for each in (serving, gateway, engine)}
    assert len(texts) == 1
    assert serving.METHODS == gateway.METHODS == engine.METHODS
