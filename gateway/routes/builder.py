"""The ML Pipeline Builder: a full-code Windmill app, and the page around it that it talks to."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel

from gateway.access.guard import GuardedRoute, KnownCaller
from gateway.access.identify import identify, is_admin_key
from gateway.access.roles import Permission
from gateway.access.rules import RUNNABLES
from gateway.access.sessions import set_session
from gateway.errors import AppMissing, Unauthorized, UnknownRoute, UnknownRun
from gateway.http.origins import own_origin
from gateway.http.services import Platform, Services
from gateway.runs.deploys import refuse_references
from windmill.scripts.model.base.windmill_paths import BUILDER

PAGES = Path(__file__).parents[1] / "pages"
OPEN_PAGES = {"host.js": "text/javascript", "sign_in.js": "text/javascript"}
BUNDLE = {"js": "text/javascript", "css": "text/css"}
# The component kit writes styles into elements; nothing else may come from elsewhere.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors {framed_by}"
)
NOT_STORED = {"Cache-Control": "no-store"}

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


class SignIn(BaseModel):
    key: str


@router.get("/")
async def host(request: Request) -> FileResponse:
    try:
        await identify(request, page=True)
    except Unauthorized:
        return _page("sign_in.html", status=401)
    return _page("host.html")


@router.get("/builder/pages/{name}")
async def script(name: str) -> FileResponse:
    if name not in OPEN_PAGES:
        raise UnknownRoute(what=f"There is no page {name}")
    return _page(name)


@router.post("/builder/session", status_code=204)
async def sign_in(body: SignIn, request: Request, response: Response, platform: Platform) -> None:
    if not own_origin(request) or not is_admin_key(platform.settings, body.key):
        raise Unauthorized(reason="The API key is wrong")
    set_session(response, platform.settings)


@router.get("/builder/app")
async def app() -> FileResponse:
    return _page("app.html", framed_by="'self'")


@router.get("/builder/bundle.{kind}")
async def bundle(kind: str, platform: Platform) -> Response:
    if kind not in BUNDLE:
        raise UnknownRoute(what=f"There is no bundle.{kind}")
    content = await platform.windmill.app_bundle(BUILDER, kind)
    if content is None:
        raise AppMissing
    return Response(content, media_type=BUNDLE[kind], headers=NOT_STORED)


@router.post("/builder/run/{runnable}", status_code=202)
async def run(
    runnable: str, platform: Platform, args: Annotated[dict[str, Any], Body()]
) -> dict[str, str]:
    """Windmill itself checks by the app's policy that the app may run this."""
    refuse_references(args)
    app = await platform.windmill.app(BUILDER)
    if app is None:
        raise AppMissing
    known = app["value"]["runnables"].get(runnable)
    if known is None:
        raise UnknownRoute(what=f"The builder has no runnable {runnable}")
    path = f"{known['runType']}/{known['path']}"
    return {"id": await platform.windmill.execute_component(BUILDER, runnable, path, args)}


@router.get("/builder/jobs/{id}")
async def job(id: str, platform: Platform, caller: KnownCaller) -> Any:
    """A viewer sees what viewers may run, and no other job of the workspace."""
    document = await platform.windmill.job_document(id)
    if document is None or not (
        caller.may(Permission.build) or document.get("script_path") in await _shown(platform)
    ):
        raise UnknownRun(id=id)
    return document


async def _shown(platform: Services) -> set[str]:
    app = await platform.windmill.app(BUILDER)
    known = app["value"]["runnables"] if app else {}
    return {known[name]["path"] for name in RUNNABLES if name in known}


def _page(name: str, status: int = 200, framed_by: str = "'none'") -> FileResponse:
    headers = {**NOT_STORED, "Content-Security-Policy": POLICY.format(framed_by=framed_by)}
    return FileResponse(PAGES / name, status_code=status, headers=headers)
