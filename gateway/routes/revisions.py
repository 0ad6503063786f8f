"""What a deployment was before, and the way back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from gateway.access.guard import Caller, GuardedRoute, KnownCaller
from gateway.errors import NoReading, NoSuchRevision
from gateway.http.services import Platform, Services
from gateway.routes.pipelines import IdempotencyKey, accepted
from gateway.runs.asking import plans
from gateway.runs.deploys import Run, limited, live_again, rollback, scaled, start
from gateway.runs.lookup import find
from gateway.runs.requests import Rollback, Scale
from gateway.runs.responses import Accepted, RevisionAnswer
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.reading import ReadingReport
from windmill.scripts.model.show.deployment_plan import DeploymentPlan

router = APIRouter(prefix="/pipelines", tags=["pipelines"], route_class=GuardedRoute)


@router.get("/{id}/revisions")
async def list_revisions(id: str, platform: Platform) -> list[RevisionAnswer]:
    """The settled drawings that were deployed under this name, the newest first."""
    deployment = await _living(platform, id)
    found = await platform.deployments.revisions(deployment.id)
    return [RevisionAnswer.of(each, deployment.live_revision) for each in found]


async def drawing_of(platform: Services, id: str) -> RevisionAnswer:
    """The one that is live; the newest while none is. Raises UnknownRun, NoSuchRevision."""
    found = await list_revisions(id, platform)
    if not found:
        raise NoSuchRevision(name=id, what="drawing yet")
    return next((each for each in found if each.live), found[0])


@router.get("/{id}/reading")
async def reading(
    id: str, platform: Platform, revision: Annotated[int | None, Query(ge=1)] = None
) -> ReadingReport:
    """What a revision read of its data, and what not and why; also once it is destroyed.

    Without `revision`: of the latest that went live.
    """
    deployment = await platform.deployments.get(id)
    deployment = deployment or (await find(platform.windmill, platform.deployments, id)).deployment
    kept = deployment and await platform.deployments.report(deployment.id, revision)
    if not kept:
        raise NoReading(name=id, of=f" of revision {revision}" if revision else "")
    return kept


@router.post("/{id}/rollback", status_code=202)
async def roll_back(
    id: str,
    body: Rollback,
    request: Request,
    platform: Platform,
    caller: KnownCaller,
    idempotency_key: IdempotencyKey = None,
) -> Accepted:
    """Deploys an earlier revision again, on the same target; answers before it is done."""
    deployment = await _living(platform, id)
    caller.works_on(deployment.name)
    run = rollback(deployment, await platform.deployments.revisions(deployment.id), body.to)
    run = limited(run, caller.only_with())
    return accepted(request, await start(platform.windmill, run, idempotency_key), run)


@router.post("/{id}/redeploy", status_code=202)
async def redeploy(
    id: str,
    request: Request,
    platform: Platform,
    caller: KnownCaller,
    idempotency_key: IdempotencyKey = None,
) -> Accepted:
    """Deploys what is live again, so that what stopped runs; answers before it is done."""
    deployment = await _living(platform, id)
    caller.works_on(deployment.name)
    run = live_again(deployment, await platform.deployments.revisions(deployment.id))
    run = limited(run, caller.only_with())
    return accepted(request, await start(platform.windmill, run, idempotency_key), run)


@router.post("/{id}/scale", status_code=202)
async def scale(
    id: str,
    body: Scale,
    request: Request,
    platform: Platform,
    caller: KnownCaller,
    idempotency_key: IdempotencyKey = None,
) -> Accepted:
    """Deploys what is live so many times, behind one address; answers before it is done."""
    run = await _scaled(platform, caller, id, body)
    return accepted(request, await start(platform.windmill, run, idempotency_key), run)


@router.post("/{id}/scale/plan")
async def plan_scale(
    id: str, body: Scale, platform: Platform, caller: KnownCaller
) -> DeploymentPlan:
    """What the same request without `/plan` would do; nothing is changed."""
    return await plans.plan_one(platform.windmill, await _scaled(platform, caller, id, body))


async def _scaled(platform: Services, caller: Caller, id: str, body: Scale) -> Run:
    deployment = await _living(platform, id)
    caller.works_on(deployment.name)
    revisions = await platform.deployments.revisions(deployment.id)
    return limited(scaled(deployment, revisions, body.replicas), caller.only_with())


async def _living(platform: Services, id: str) -> Deployment:
    """Raises UnknownRun, NoSuchRevision."""
    deployment = (await find(platform.windmill, platform.deployments, id)).deployment
    if deployment is None or deployment.state == State.destroyed:
        raise NoSuchRevision(name=id, what="revision: it is no deployment that lives")
    return deployment
