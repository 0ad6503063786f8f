"""POST /summarize for a text, PUT /summarize/{filename} for a file."""

import asyncio
import time
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from serving.api.disconnect import unless_gone
from serving.api.failures import responses
from serving.api.metrics import Metrics
from serving.api.routes.ingest import RAW
from serving.api.strict_bodies import StrictRoute
from serving.documents.reading import read_safely
from serving.port_types import Summarizer
from serving.runtime import Runtime

FAILURES = responses(413, 422, 503)
Sentences = Annotated[int | None, Query(ge=1, le=20)]


class SummarizeRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    sentences: int | None = Field(default=None, ge=1, le=20, description="wanted at most")


class SummaryAnswer(BaseModel):
    summary: str
    method: Literal["llm", "extractive"] = Field(
        description="extractive: sentences of the text itself, where the model failed it"
    )
    reason: str = Field(description="why it is not the language model's; empty otherwise")
    parts: int = Field(description="parts the text was read in")
    seconds: float


def router(runtime: Runtime, metrics: Metrics) -> APIRouter:
    api = APIRouter(route_class=StrictRoute)

    async def summarize(text: str, sentences: int | None) -> SummaryAnswer:
        started = time.monotonic()
        summary = await runtime.provided(Summarizer).summarize(text, sentences)
        return SummaryAnswer(
            summary=summary.text,
            method=summary.method,
            reason=summary.reason,
            parts=summary.parts,
            seconds=round(time.monotonic() - started, 3),
        )

    @api.post("/summarize", responses=FAILURES, summary="Summarise a text")
    async def summarize_text(body: SummarizeRequest, request: Request) -> SummaryAnswer:
        return await unless_gone(request, summarize(body.text, body.sentences))

    @api.put(
        "/summarize/{filename}",
        responses=FAILURES,
        summary="Summarise a PDF, office, HTML or text file",
        openapi_extra={"requestBody": {"content": RAW, "required": True}},
    )
    async def summarize_file(
        filename: str, request: Request, sentences: Sentences = None
    ) -> SummaryAnswer:
        content = await request.body()
        read = await asyncio.to_thread(read_safely, filename, content)
        text = "\n\n".join(page.text for page in read.documents)
        return await unless_gone(request, summarize(text, sentences))

    return api
