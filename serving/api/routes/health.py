"""GET /health and GET /metrics."""

import time
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from serving.api.access import KnowsKey
from serving.api.copies import Copies
from serving.api.metrics import Metrics
from serving.models.gpu import Gpu
from serving.pipeline import Pipeline
from serving.runtime import Runtime

# Reasons name documents, and quote what is in them.
WITHHELD = "told to those who send the key"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


class LlmHealth(BaseModel):
    reachable: bool


class CopiesHealth(BaseModel):
    wanted: int
    answering: int = Field(description="The others still read, or are being started again")


class Health(BaseModel):
    status: Literal["healthy", "starting", "unhealthy"]
    reason: str | None
    failed: bool = Field(description="Waiting will not make it healthy: what it reads must change")
    failed_node: str | None = Field(description="The node of the drawing that it failed in")
    pipeline: str
    deployment_id: str
    revision: int
    uptime_seconds: float
    documents: int
    chunks: int
    skipped_documents: list[str]
    copies: CopiesHealth | None = Field(description="Where several processes answer at the port")
    llm: LlmHealth | None
    avg_response_time_seconds: float | None
    gpu_usage: float | None


def router(
    pipeline: Pipeline, runtime: Runtime, metrics: Metrics, several: Copies | None = None
) -> APIRouter:
    api = APIRouter()
    gpu = Gpu()
    started = time.monotonic()

    @api.get("/health", responses={503: {"model": Health}}, summary="Can it answer questions now?")
    async def health(response: Response, knows_key: KnowsKey) -> Health:
        problem = await runtime.llm.problem() if runtime.graph.asks_llm else None
        status, reason = _judge(runtime, problem)
        response.status_code = 200 if status == "healthy" else 503
        return Health(
            status=status,
            reason=reason if knows_key or not reason else WITHHELD,
            failed=runtime.failure is not None,
            failed_node=(runtime.failure.node or None) if runtime.failure else None,
            pipeline=pipeline.name,
            deployment_id=pipeline.deployment_id,
            revision=pipeline.revision,
            uptime_seconds=round(time.monotonic() - started, 1),
            documents=len(runtime.contents.documents),
            chunks=len(runtime.contents.chunks),
            skipped_documents=runtime.contents.skipped if knows_key else [],
            copies=_counted(several),
            llm=LlmHealth(reachable=not problem) if runtime.graph.asks_llm else None,
            avg_response_time_seconds=metrics.average_seconds,
            gpu_usage=await gpu.percent(),
        )

    @api.get("/metrics", response_class=Response, summary="For Prometheus")
    async def prometheus() -> Response:
        metrics.set("pipeline_documents", len(runtime.contents.documents), "documents indexed")
        metrics.set("pipeline_chunks", len(runtime.contents.chunks), "passages indexed")
        percent = await gpu.percent()
        if percent is not None:
            metrics.set("gpu_utilization_percent", percent, "mean over the machine's GPUs")
        return Response(metrics.page(), media_type=PROMETHEUS)

    return api


def _counted(several: Copies | None) -> CopiesHealth | None:
    if several is None:
        return None
    return CopiesHealth(wanted=several.wanted, answering=several.answering())


def _judge(runtime: Runtime, llm_problem: str | None) -> tuple[Any, str | None]:
    if runtime.failure is not None:
        return "unhealthy", f"{runtime.failure.message}. {runtime.failure.fix}"
    if not runtime.ready:
        return "starting", runtime.progress
    return ("unhealthy", f"LLM: {llm_problem}") if llm_problem else ("healthy", None)
