"""The HTTP side: a pipeline offers the routes of what arrives at its exit, and no others."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from fastapi import APIRouter, Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from serving.api import docs_page, failures, page
from serving.api.access import Access, RequireAccess
from serving.api.copies import Copies
from serving.api.limits import BodyLimit
from serving.api.metrics import MeasureRequests, Metrics
from serving.api.routes import (
    batch_job,
    chat,
    completions,
    embeddings,
    health,
    ingest,
    model,
    predict,
    reading,
    report,
    score,
    summarize,
)
from serving.api.safe_headers import SafeHeaders
from serving.errors import ServingError
from serving.pipeline import Pipeline
from serving.port_types import (
    Chat,
    Completions,
    Embedder,
    Job,
    Port,
    Predictor,
    Report,
    RowModel,
    Summarizer,
    TrainedModel,
)
from serving.runtime import Runtime

log = logging.getLogger(__name__)

OPEN_TO_ALL = Access()
# It only tells in the OpenAPI document what RequireAccess asks for.
BEARER = HTTPBearer(auto_error=False, description="The deployment's key")
ROUTERS: dict[type[Port], Callable[[Runtime, Metrics], APIRouter]] = {
    Chat: chat.router,
    Predictor: predict.router,
    Embedder: embeddings.router,
    RowModel: score.router,
    TrainedModel: model.router,
    Completions: completions.router,
    Summarizer: summarize.router,
    Job: batch_job.router,
    Report: report.router,
}


def create_app(
    pipeline: Pipeline,
    runtime: Runtime,
    cost_per_hour: float = 0,
    access: Access = OPEN_TO_ALL,
    several: Copies | None = None,
) -> FastAPI:
    """One of `several` listens once it has read everything, for another answers meanwhile."""
    metrics = Metrics(pipeline, cost_per_hour)
    exit_config = runtime.graph.exit.config
    app = FastAPI(
        title=getattr(exit_config, "title", "") or pipeline.name,
        description=getattr(exit_config, "description", ""),
        version=str(pipeline.revision),
        lifespan=lambda _: _life(runtime, metrics, several),
        docs_url=None,
        redoc_url=None,
    )
    routers, watched = (
        _routers(runtime, metrics),
        health.router(pipeline, runtime, metrics, several),
    )
    asked = [Depends(BEARER)] if access.key else []
    for router in routers:
        app.include_router(router, dependencies=asked, responses=failures.responses(401, 403, 421))
    app.include_router(watched)
    routes = _names([*routers, watched])
    app.include_router(docs_page.router(app.title))
    app.include_router(page.router(app.title, app.description, routes, needs_key=bool(access.key)))
    failures.install(app, routes)
    large_paths = ("/ingest", "/predict", "/batch", "/summarize")
    app.add_middleware(BodyLimit, large_paths=large_paths)
    origins = getattr(exit_config, "cors_origins", ())
    app.add_middleware(RequireAccess, access=replace(access, origins=origins))
    if origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["*"]
        )
    app.add_middleware(SafeHeaders)
    app.add_middleware(MeasureRequests, metrics=metrics)
    return app


def _routers(runtime: Runtime, metrics: Metrics) -> list[APIRouter]:
    served = runtime.graph.served
    routers = [
        create(runtime, metrics) for port, create in ROUTERS.items() if _offers(served, port)
    ]
    if runtime.sink is not None:
        routers.append(ingest.router(runtime, runtime.sink))
    return [*routers, reading.router(runtime)]


def _offers(served: Iterable[type[Port]], port: type[Port]) -> bool:
    """An embedder, say, is a predictor too."""
    return any(issubclass(given, port) for given in served)


def _names(routers: Sequence[APIRouter]) -> list[str]:
    return [
        f"{method} {route.path}"
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


@asynccontextmanager
async def _life(runtime: Runtime, metrics: Metrics, several: Copies | None) -> AsyncIterator[None]:
    """The server listens at once; reading and embedding go on behind it."""
    starting = asyncio.create_task(_start(runtime, metrics))
    if several:
        await starting
        if runtime.ready:
            several.begin_to_answer()
    try:
        yield
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await runtime.close()


async def _start(runtime: Runtime, metrics: Metrics) -> None:
    try:
        await runtime.refresh()
    except ServingError as error:
        log.error("%s. %s", error.message, error.fix)
    except Exception:
        log.exception("the pipeline could not start")
    else:
        if _offers(runtime.graph.served, TrainedModel):
            for label in runtime.provided(TrainedModel).card.classes:
                metrics.expects(label)
        contents = runtime.contents
        log.info("ready: %d documents, %d chunks", len(contents.documents), len(contents.chunks))
