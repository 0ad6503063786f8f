"""The application: routes of every kind, one door for tokens, one shape of refusal."""

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.api.export import Export
from engine.api.http import bounded, text
from engine.api.instance import OPEN_PATHS, Instance, WorkspaceUsers
from engine.api.items.apps import Apps
from engine.api.items.flows import Flows
from engine.api.items.folders import Folders
from engine.api.items.resources import Resources, ResourceTypes
from engine.api.items.scripts import Scripts
from engine.api.items.variables import Variables
from engine.api.jobs.approvals import Approvals
from engine.api.jobs.jobs import JobsApi
from engine.api.jobs.lists import Lists
from engine.api.jobs.run import Run
from engine.api.jobs.updates import Updates
from engine.api.logins import LOGIN_PATH, LoginApi
from engine.api.metrics import PATH as METRICS_PATH
from engine.api.metrics import MeasureRequests, Metrics
from engine.api.tokens import TokenApi, Tokens
from engine.api.triggers.http_triggers import HttpTriggers
from engine.api.triggers.routes import PREFIX, Routes
from engine.api.triggers.schedules import SchedulePreview, Schedules
from engine.core import Engine
from engine.errors import ApiError, NotFound, UnknownRoute


class Door:
    """Lets in tokens of the instance and of running jobs; signed links and routes need none."""

    def __init__(self, app: ASGIApp, engine: Engine) -> None:
        self._app, self._engine, self._tokens = app, engine, Tokens(engine)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = bounded(receive)
            request = Request(scope)
            refusal = self._refuse(request)
            if refusal:
                return await text(str(refusal), refusal.status)(scope, receive, send)
        return await self._app(scope, receive, send)

    def _refuse(self, request: Request) -> ApiError | None:
        path = request.url.path
        if path in (*OPEN_PATHS, LOGIN_PATH, METRICS_PATH) or _judged_by_itself(path):
            return self._wrong_workspace(path)
        return self._tokens.refusal(request) or self._wrong_workspace(path)

    def _wrong_workspace(self, path: str) -> ApiError | None:
        parts = path.split("/")
        wrong = parts[1:3] == ["api", "w"] and parts[3:4] != [self._engine.settings.workspace]
        return NotFound(what=f"workspace {parts[3] if len(parts) > 3 else ''}") if wrong else None


def _judged_by_itself(path: str) -> bool:
    """A link that is signed, or a route, whose trigger says who may call it."""
    signed = path.split("/")[4:6] in (["jobs_u", "resume"], ["jobs_u", "cancel"])
    return signed or path.startswith(PREFIX)


async def _api_error(request: Request, error: Exception) -> Response:
    return text(str(error), error.status if isinstance(error, ApiError) else 500)


async def _nobody_waits(request: Request, error: Exception) -> Response:
    return text("The body has no end", 400)


async def _http_error(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code in (404, 405):
        unknown = UnknownRoute(method=request.method, path=request.url.path)
        return text(str(unknown), error.status_code)
    return text("Internal error; the engine's log has the details", 500)


def build(engine: Engine) -> Starlette:
    apis = (
        Folders(engine),
        Scripts(engine),
        Flows(engine),
        Apps(engine),
        ResourceTypes(engine),
        Resources(engine),
        Variables(engine),
        Schedules(engine),
        HttpTriggers(engine),
        Run(engine),
        Lists(engine),
        JobsApi(engine),
        Updates(engine),
        Approvals(engine),
        Export(engine),
        WorkspaceUsers(),
    )
    inside: Iterable[Route] = [route for api in apis for route in api.routes()]
    metrics = Metrics(engine.jobs)
    routes: list[BaseRoute] = [
        *Instance(engine).routes(),
        *TokenApi(engine).routes(),
        *LoginApi(engine).routes(),
        *SchedulePreview(engine).routes(),
        *Routes(engine).routes(),
        *metrics.routes(),
        Mount("/api/w/{workspace}", routes=list(inside)),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(MeasureRequests, metrics=metrics), Middleware(Door, engine=engine)],
        exception_handlers={
            ApiError: _api_error,
            HTTPException: _http_error,
            ClientDisconnect: _nobody_waits,
            Exception: _http_error,
        },
    )
