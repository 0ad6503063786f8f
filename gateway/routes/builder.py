"""The ML Pipeline Builder: a full-code Windmill app, and the page around it that it talks to."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from fastapi.responses import FileResponse

from gateway.access.errors import Forbidden, Unauthorized
from gateway.access.guard import Caller, GuardedRoute, KnownCaller
from gateway.access.identify import identify
from gateway.access.roles import Permission
from gateway.access.rules import RUNNABLES
from gateway.errors import AppMissing, UnknownRoute, UnknownRun
from gateway.http.services import Platform, Services
from gateway.routes.catalog import entries
from gateway.routes.pipelines import list_deployments, plan
from gateway.routes.revisions import drawing_of, reading
from gateway.routes.signing_in.pages import NOT_STORED, page, sign_in_page
from gateway.runs.costs import cost_of
from gateway.runs.deploys import refuse_references
from gateway.runs.endpoint_keys import endpoint_key
from gateway.runs.requests import DrawingDeploy
from gateway.runs.responses import CatalogEntry, EndpointKey, RevisionAnswer, Running
from gateway.runs.step_log import own_text
from gateway.watching.lines import Lines, lines, unwatched
from windmill.scripts.model.base.windmill_paths import BUILDER
from windmill.scripts.model.drawing.reading import ReadingReport
from windmill.scripts.model.show.deployment_plan import DeploymentPlan

OPEN_PAGES = {"host.js", "sign_in.js", "session.js", "account.js"}
BUNDLE = {"js": "text/javascript", "css": "text/css"}

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/")
async def host(request: Request) -> Response:
    try:
        request.state.principal = await identify(request, page=True)
        Caller(request).require(Permission.see)
    except (Unauthorized, Forbidden):
        return sign_in_page(request.app.state.sign_ins)
    return page("host.html")


@router.get("/builder/pages/{name}")
async def script(name: str) -> FileResponse:
    if name not in OPEN_PAGES:
        raise UnknownRoute(what=f"There is no page {name}")
    return page(name)


@router.get("/builder/account")
async def account() -> FileResponse:
    """Who one is here, and the way out."""
    return page("account.html")


@router.get("/builder/app")
async def app() -> FileResponse:
    return page("app.html", framed_by="'self'")


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


@router.get("/builder/jobs/{id}/log")
async def job_log(id: str, platform: Platform) -> dict[str, str]:
    """What a step's own code wrote."""
    found = await platform.windmill.job(id)
    if found is None:
        raise UnknownRun(id=id)
    return {"log": own_text(await platform.windmill.logs(id), found.completed)}


@router.get("/builder/deployments")
async def running(platform: Platform, caller: KnownCaller) -> list[Running]:
    """Read every few seconds by each open page: of the registry alone, and no job of Windmill's."""
    found = await list_deployments(platform, caller)
    now = datetime.now(UTC)
    return [Running(**dict(each), cost=cost_of([each], now)) for each in found]


@router.get("/builder/lines")
async def how_they_did(platform: Platform, caller: KnownCaller) -> Lines:
    """Of all at once: whoever shows many asks Prometheus no more often than for one."""
    url = platform.settings.prometheus_url
    if not url:
        return unwatched()
    shown = {each.id for each in await list_deployments(platform, caller)}
    return await lines(url, datetime.now(UTC), shown)


@router.get("/builder/deployments/{id}/drawing")
async def drawing(id: str, platform: Platform) -> RevisionAnswer:
    """What is drawn of what runs."""
    return await drawing_of(platform, id)


@router.get("/builder/deployments/{id}/reading")
async def what_was_read(id: str, platform: Platform) -> ReadingReport:
    return await reading(id, platform)


@router.get("/builder/catalog")
async def catalog(platform: Platform) -> list[CatalogEntry]:
    return await entries(platform)


@router.post("/builder/plan")
async def planned(body: DrawingDeploy, platform: Platform, caller: KnownCaller) -> DeploymentPlan:
    found = await plan(body, platform, caller)
    assert isinstance(found, DeploymentPlan), "a drawing is one deployment"
    return found


@router.get("/builder/keys/{id}")
async def key(id: str, platform: Platform, response: Response) -> EndpointKey:
    response.headers["Cache-Control"] = "no-store"
    return await endpoint_key(platform.windmill, platform.deployments, id)


async def _shown(platform: Services) -> set[str]:
    app = await platform.windmill.app(BUILDER)
    known = app["value"]["runnables"] if app else {}
    return {known[name]["path"] for name in RUNNABLES if name in known}
