"""The gateway: one entry point for programs in front of Windmill and the deployment registry."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from gateway.access.errors import SignInRefused
from gateway.access.findings import Seen
from gateway.access.guard import check_complete
from gateway.access.identify import bearer
from gateway.access.oidc import sign_ins
from gateway.access.remembering import Memory
from gateway.access.sessions import BrowserSessions
from gateway.clients.registry import Deployments
from gateway.clients.windmill import connect
from gateway.errors import (
    BodyTooLarge,
    GatewayError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    RequestRefused,
    Unexpected,
    UnknownRoute,
)
from gateway.http import docs_page
from gateway.http.body_limit import LimitBody
from gateway.http.metrics import MeasureRequests, Metrics
from gateway.http.safe_headers import SafeHeaders
from gateway.http.services import Services
from gateway.http.settings import Settings
from gateway.routes import (
    access,
    audit,
    builder,
    catalog,
    catalog_git,
    data,
    health,
    llm_keys,
    offers,
    orphans,
    pipelines,
    provider_keys,
    revisions,
    webhooks,
)
from gateway.routes.building import asking, entries, runs, uploads
from gateway.routes.signing_in import login, sessions
from gateway.routes.watching import figures, ratings
from gateway.runs.responses import Refusal
from gateway.state.audit import Audit, Seals
from gateway.state.database import Database
from gateway.state.keys import Keys
from gateway.state.ratings import Ratings
from gateway.state.sessions import Sessions
from gateway.watching.figures import DeployCounts
from windmill.scripts.model.base.errors import Problem
from windmill.scripts.model.base.names import NAME_PATTERN, NAME_RULE, slug
from windmill.scripts.model.base.parse import dotted
from windmill.scripts.model.base.url_path import BadAddress

log = logging.getLogger("gateway")
REFUSALS_TOLD: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Refusal, "description": "What is wrong with the request, and what mends it"},
    "5XX": {"model": Refusal, "description": "What Windmill or the registry could not do"},
}


def create_app(settings: Settings) -> FastAPI:
    app = FastAPI(
        title="MLOps gateway",
        version=version("mlops-platform"),
        summary="Deploy machine-learning pipelines and watch them",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.services = _services(settings)
    app.state.browsers = BrowserSessions(settings, app.state.services.sessions)
    app.state.sign_ins = sign_ins(settings)
    app.state.seen = Seen()
    app.state.memory = Memory(app.state.services.audit)
    app.add_middleware(LimitBody, max_bytes=settings.max_body_bytes)
    app.add_middleware(SafeHeaders)
    app.add_middleware(MeasureRequests, metrics=app.state.services.metrics)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.mlops_trusted_proxies)
    _add_routes(app)
    _add_error_handlers(app)
    check_complete(app)
    return app


def _services(settings: Settings) -> Services:
    state = Database((settings.access_database_url or settings.database_url).get_secret_value())
    return Services(
        settings=settings,
        windmill=connect(
            settings.windmill_base, settings.windmill_tokens, settings.windmill_workspace
        ),
        deployments=_deployments(settings),
        state=state,
        keys=Keys(state),
        sessions=Sessions(state),
        audit=_audit(settings, state),
        ratings=Ratings(state),
        metrics=Metrics(),
        deploy_counts=DeployCounts(),
    )


def _deployments(settings: Settings) -> Deployments:
    """Raises RegistryKeyShort."""
    return Deployments(settings.database_url.get_secret_value(), settings.registry_keys)


def _audit(settings: Settings, state: Database) -> Audit:
    return Audit(state, Seals(settings.secret_keys), settings.audit_days, settings.audit_entries)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await app.state.services.windmill.http.aclose()
    if app.state.sign_ins:
        await app.state.sign_ins.provider.http.aclose()
    app.state.services.deployments.close()
    app.state.services.state.close()


def _add_routes(app: FastAPI) -> None:
    guarded = APIRouter(dependencies=[Depends(bearer)])  # so that /docs shows where keys go
    guarded.include_router(pipelines.router)
    guarded.include_router(revisions.router)
    guarded.include_router(catalog_git.router)  # its addresses are the more exact ones
    guarded.include_router(catalog.router)
    guarded.include_router(offers.router)
    guarded.include_router(orphans.router)
    guarded.include_router(data.router)
    guarded.include_router(llm_keys.router)
    guarded.include_router(provider_keys.router)
    guarded.include_router(webhooks.router)
    guarded.include_router(access.router)
    guarded.include_router(audit.router)
    guarded.include_router(figures.router)
    guarded.include_router(ratings.router)
    app.include_router(docs_page.router(app.title))
    app.include_router(builder.router)
    app.include_router(uploads.router)
    app.include_router(entries.router)
    app.include_router(runs.router)
    app.include_router(asking.router)
    app.include_router(sessions.router)
    app.include_router(login.router)
    for prefix in ("", "/api/v1"):
        documented = prefix != ""
        app.include_router(
            guarded, prefix=prefix, include_in_schema=documented, responses=REFUSALS_TOLD
        )
        app.include_router(health.router, prefix=prefix, include_in_schema=documented)


def _add_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(GatewayError, _refuse)
    app.add_exception_handler(SignInRefused, login.refused)
    app.add_exception_handler(BadAddress, _refuse_address)
    app.add_exception_handler(RequestValidationError, _refuse_body)
    app.add_exception_handler(HTTPException, _refuse_http)
    app.add_exception_handler(Exception, _fail)


def _error(error: GatewayError) -> JSONResponse:
    return JSONResponse({"error": error.as_dict()}, status_code=error.status)


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GatewayError)
    return _error(error)


async def _refuse_address(request: Request, error: Exception) -> JSONResponse:
    """Nothing has such a name, so nobody was asked for it."""
    assert isinstance(error, BadAddress)
    return _error(NotFound(fix=error.fix))


async def _refuse_body(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return _error(InvalidRequest([_problem(item) for item in error.errors()]))


def _problem(item: dict[str, Any]) -> Problem:
    field = dotted(tuple(part for part in item["loc"] if part not in ("body", *_TAGS)))
    if item.get("ctx", {}).get("pattern") == NAME_PATTERN:
        message = f"{item['input']!r} is not a valid name: {NAME_RULE}"
        return Problem(message, field, f"For example {slug(item['input'])!r}.")
    known = item.get("ctx", {}).get("expected")
    fix = f"Expected {known}." if known and item["type"] in ("enum", "literal_error") else ""
    return Problem(item["msg"], field, fix)


_TAGS = ("catalog", "drawing", "query", "header", "path")


async def _refuse_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    refusal = REFUSALS.get(error.status_code, RequestRefused)
    refused = refusal(call=f"{request.method} {request.url.path}", reason=error.detail)
    body = {"error": refused.as_dict()}
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)


REFUSALS: dict[int, type[GatewayError]] = {
    each.status: each for each in (UnknownRoute, MethodNotAllowed, BodyTooLarge)
}


async def _fail(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _error(Unexpected())
