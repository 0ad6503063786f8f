"""POST /v1/chat/completions and GET /v1/models, passed on to the models behind."""

import json
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from serving.api.events import UNBUFFERED
from serving.api.failures import responses
from serving.api.metrics import Metrics
from serving.api.openai import CompletionRequest
from serving.api.strict_bodies import StrictRoute
from serving.errors import LlmError
from serving.port_types import Completions, Usage
from serving.runtime import Runtime

if TYPE_CHECKING:
    import httpx

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The model's own answer", "content": {"text/event-stream": {}}},
    "4XX": {"description": "What the model refuses, in its words, or what we do"},
    **responses(413, 502, 503, 504),
}


def router(runtime: Runtime, metrics: Metrics) -> APIRouter:
    api = APIRouter(route_class=StrictRoute)

    @api.post("/v1/chat/completions", responses=ANSWERS, summary="Chat (OpenAI style)")
    async def complete(body: CompletionRequest) -> Response:
        completions = runtime.provided(Completions)
        wanted = body.passed_on() | {"model": body.model or completions.model}
        return await _passed_on(completions, "POST", "/chat/completions", metrics, wanted)

    @api.get("/v1/models", responses=ANSWERS, summary="Models that can be asked")
    async def models() -> Response:
        return await _passed_on(runtime.provided(Completions), "GET", "/models", metrics)

    return api


async def _passed_on(
    completions: Completions, method: str, path: str, metrics: Metrics, body: Any = None
) -> Response:
    try:
        answer = await completions.send(method, path, body)
    except LlmError as error:
        metrics.llm_failed(error.code)
        raise
    if answer.is_error:
        metrics.llm_failed("llm_refused")
    kind = answer.headers.get("content-type", "application/json")
    if kind.startswith("text/event-stream"):
        lines = _lines(answer, metrics)
        return StreamingResponse(lines, answer.status_code, UNBUFFERED, media_type=kind)
    content = await _whole(answer, metrics)
    return Response(content, answer.status_code, media_type=kind)


async def _whole(answer: "httpx.Response", metrics: Metrics) -> bytes:
    try:
        content = await answer.aread()
    finally:
        await answer.aclose()
    _count(content, metrics)
    return content


async def _lines(answer: "httpx.Response", metrics: Metrics) -> AsyncGenerator[str, None]:
    try:
        async for line in answer.aiter_lines():
            yield f"{line}\n"
            if '"usage"' in line:
                _count(line.removeprefix("data:"), metrics)
    finally:
        await answer.aclose()


def _count(text: str | bytes, metrics: Metrics) -> None:
    try:
        usage = json.loads(text).get("usage") or {}
        counted = Usage(usage["prompt_tokens"], usage["completion_tokens"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    metrics.llm_answered(counted)
