"""Deploy, watch and destroy pipelines."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from gateway.access.guard import Caller, GuardedRoute, KnownCaller
from gateway.access.roles import Permission
from gateway.errors import InvalidRequest, NoLongerAsked, NotWaiting, SeveralQuestions
from gateway.http.services import Platform, Services
from gateway.runs import logs
from gateway.runs.asking import cancels, plans, previews, process_logs
from gateway.runs.deploys import Run, check_settings, limited, prepare, start
from gateway.runs.destroys import Destroying
from gateway.runs.destroys import destroy as start_destroying
from gateway.runs.endpoint_keys import endpoint_key
from gateway.runs.lookup import TrackedRun, find
from gateway.runs.requests import Approve, ChooseTarget, DeployRequest
from gateway.runs.responses import (
    Accepted,
    Canceled,
    DestroyAccepted,
    EndpointKey,
    Logs,
    Process,
    ProcessLog,
    RunState,
    StatusAnswer,
)
from gateway.runs.status import describe, names_of
from gateway.runs.steps import Asks, Question
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.replicas import count_of
from windmill.scripts.model.show.deployment_plan import DeploymentPlan
from windmill.scripts.model.show.source_preview import SourcePreview
from windmill.scripts.model.show.whole_plan import WholePlan

router = APIRouter(prefix="/pipelines", tags=["pipelines"], route_class=GuardedRoute)
ENDED = {RunState.live, RunState.failed, RunState.degraded, RunState.destroyed}
SECONDS_BETWEEN_EVENTS = 0.5
WORDS = {Asks.target: "a target", Asks.approval: "an approval"}
VERSIONED = "/api/v1"
IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=200)]


@router.post("/deploy", status_code=202)
async def deploy(
    body: DeployRequest,
    request: Request,
    platform: Platform,
    caller: KnownCaller,
    idempotency_key: IdempotencyKey = None,
) -> Accepted:
    """Starts the deployment of a catalog pipeline or of a drawing; answers before it is done."""
    run = await _allowed(platform, body, caller)
    return accepted(request, await start(platform.windmill, run, idempotency_key), run)


@router.post("/plan")
async def plan(
    body: DeployRequest, platform: Platform, caller: KnownCaller, terraform: bool = False
) -> DeploymentPlan | WholePlan:
    """What the same request to `/pipelines/deploy` would do; nothing is registered or created.

    Candidates come cheapest first, each with its reason, and what was refused says why. Of an entry
    of steps: every pipeline below it, and what all of them would cost together. With `terraform`
    also the plan that Terraform makes on a worker, in words; that takes some seconds.
    """
    return await plans.plan(platform.windmill, await _allowed(platform, body, caller), terraform)


@router.post("/preview")
async def preview(
    body: DeployRequest,
    platform: Platform,
    caller: KnownCaller,
    response: Response,
    node: Annotated[str | None, Query(max_length=60)] = None,
) -> SourcePreview:
    """The first of what the same request to `/pipelines/deploy` would read, and what it would not.

    A worker reads it, as the pipeline would; nothing is deployed and nothing of it is kept.
    """
    response.headers["Cache-Control"] = "no-store"
    return await previews.preview(platform.windmill, await _allowed(platform, body, caller), node)


async def _allowed(platform: Services, body: DeployRequest, caller: Caller) -> Run:
    run = await prepare(platform.windmill, body)
    caller.works_on(run.name)
    caller.require(Permission.build, *run.deploys)
    return limited(run, caller.only_with())


def accepted(request: Request, job_id: str, run: Run) -> Accepted:
    status_url = _status_url(request, job_id)
    return Accepted(id=job_id, status_url=status_url, pipeline=run.pipeline, name=run.name)


@router.get("")
async def list_deployments(
    platform: Platform,
    caller: KnownCaller,
    include_destroyed: Annotated[bool, Query(alias="all")] = False,
) -> list[Deployment]:
    """The deployments there are; with `all` also those that were destroyed."""
    found = await platform.deployments.all(include_destroyed)
    return [each for each in found if caller.may(Permission.see, each.name)]


@router.get("/{id}/status")
async def status(id: str, platform: Platform) -> StatusAnswer:
    """`id` is a tracking id, a deployment's id or its name."""
    return await _status(platform, id)


@router.get("/{id}/key")
async def key(id: str, platform: Platform, response: Response) -> EndpointKey:
    """What the pipeline's own API asks its callers for. It stands in no status, log or result."""
    response.headers["Cache-Control"] = "no-store"
    return await endpoint_key(platform.windmill, platform.deployments, id)


@router.get("/{id}/logs")
async def read_logs(id: str, platform: Platform, after: str = "") -> Logs:
    """What the run's steps said; `after` takes the `next` of the answer before."""
    tracked = await find(platform.windmill, platform.deployments, id)
    lines, following = await logs.read(platform.windmill, platform.deployments, tracked, after)
    state = (await describe(platform.windmill, tracked)).state
    return Logs(lines=lines, next=following, state=state)


@router.get("/{id}/process-log")
async def read_process_log(
    id: str,
    platform: Platform,
    response: Response,
    process: Process = Process.api,
    lines: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> ProcessLog:
    """The last lines that one of its processes wrote on its host."""
    response.headers["Cache-Control"] = "no-store"
    return await process_logs.read(platform.windmill, platform.deployments, id, process, lines)


@router.get("/{id}/events", response_class=StreamingResponse)
async def events(id: str, platform: Platform) -> StreamingResponse:
    """Server-sent events: one `status` each time something changed, until the run has ended."""
    first = await _status(platform, id)
    return StreamingResponse(_changes(platform, id, first), media_type="text/event-stream")


@router.post("/{id}/target", status_code=202)
async def choose_target(
    id: str, body: ChooseTarget, request: Request, platform: Platform, caller: KnownCaller
) -> Accepted:
    """Lets a run go on that waits for somebody to choose its target."""
    tracked = await _worked_on(platform, caller, id)
    asked = await _questions(platform, tracked, id, Asks.target)
    if problems := check_settings(body):
        raise InvalidRequest(problems)
    answer = body.model_dump(mode="json")
    # Asked once for all, unless flows that were drawn apart ask each for itself.
    await asyncio.gather(*(platform.windmill.resume(each.flow_id, answer) for each in asked))
    return await _goes_on(platform, request, tracked)


@router.post("/{id}/approve", status_code=202)
async def approve(
    id: str, body: Approve, request: Request, platform: Platform, caller: KnownCaller
) -> Accepted:
    """Lets a run go on that waits for an approval, or ends it."""
    tracked = await _worked_on(platform, caller, id)
    if body.question:
        asked = [await _question(platform, tracked, body.question)]
    else:
        asked = await _questions(platform, tracked, id, Asks.approval)
    named = [each for each in asked if body.step in (None, each.step)]
    if len(named) != 1:
        raise SeveralQuestions(id=id, steps=", ".join(each.step for each in asked))
    await platform.windmill.answer(named[0].job_id, approved=body.approved)
    return await _goes_on(platform, request, tracked)


@router.post("/{id}/cancel", status_code=202)
async def cancel(id: str, platform: Platform, caller: KnownCaller) -> Canceled:
    """Stops a deploy that goes on: what it created is destroyed, what was live before stays."""
    tracked = await _worked_on(platform, caller, id)
    job = await cancels.cancel(platform.windmill, tracked, caller.principal.name)
    return Canceled(id=tracked.id, tidied_by=job)


@router.delete("/{id}", status_code=202)
async def destroy(
    id: str, request: Request, platform: Platform, caller: KnownCaller, forget: bool = False
) -> DestroyAccepted:
    """Stops what runs and removes what it created; asking twice is fine.

    Of a meta-pipeline, or of a run of one: everything that it deployed. With `forget` the host of
    one deployment is not asked: it is gone for good.
    """
    tracked = await _worked_on(platform, caller, id)
    going = await start_destroying(platform.windmill, platform.deployments, tracked, forget)
    return _destroying(request, tracked, going, (await describe(platform.windmill, tracked)).name)


async def _worked_on(platform: Services, caller: Caller, id: str) -> TrackedRun:
    tracked = await find(platform.windmill, platform.deployments, id)
    caller.works_on(", ".join(sorted(names_of(tracked))) or tracked.meta_pipeline or id)
    return tracked


async def _questions(
    platform: Services, tracked: TrackedRun, id: str, asks: Asks
) -> list[Question]:
    """Raises NotWaiting."""
    questions = [each for each in tracked.progress.questions if each.asks == asks]
    if not questions:
        state = (await describe(platform.windmill, tracked)).state
        raise NotWaiting(id=id, what=WORDS[asks], state=state)
    return questions


async def _question(platform: Services, tracked: TrackedRun, job_id: str) -> Question:
    """Raises NoLongerAsked."""
    asked = (each for each in tracked.progress.questions if each.asks is Asks.approval)
    if found := next((each for each in asked if each.job_id == job_id), None):
        return found
    described = await describe(platform.windmill, tracked)
    raise NoLongerAsked(name=described.name, state=described.state)


async def _goes_on(platform: Services, request: Request, tracked: TrackedRun) -> Accepted:
    name = (await describe(platform.windmill, tracked)).name
    status_url = _status_url(request, tracked.id)
    return Accepted(id=tracked.id, status_url=status_url, pipeline=name, name=name)


async def _status(platform: Services, id: str) -> StatusAnswer:
    tracked = await find(platform.windmill, platform.deployments, id)
    answer = await describe(platform.windmill, tracked, platform.settings.debug)
    answer.replicas = await _replicas(platform, tracked.deployment)
    return answer


async def _replicas(platform: Services, deployment: Deployment | None) -> int | None:
    if deployment is None or deployment.state != State.live:
        return None
    found = await platform.deployments.revisions(deployment.id)
    live = (each.pipeline for each in found if each.number == deployment.live_revision)
    return next(map(count_of, live), None)


async def _changes(platform: Services, id: str, answer: StatusAnswer) -> AsyncIterator[str]:
    shown = ""
    while True:
        text = answer.model_dump_json()
        if text != shown:
            yield f"event: status\ndata: {text}\n\n"
            shown = text
        if answer.state in ENDED:
            return
        await asyncio.sleep(SECONDS_BETWEEN_EVENTS)
        answer = await _status(platform, id)


def _destroying(
    request: Request, tracked: TrackedRun, going: Destroying, name: str
) -> DestroyAccepted:
    at_work = going.job_id is not None and bool(going.deployments or tracked.destroys)
    return DestroyAccepted(
        id=going.job_id,
        deployment_ids=[each.id for each in going.deployments],
        deployment_id=tracked.deployment.id if tracked.deployment else None,
        name=name,
        state=RunState.destroying if at_work else RunState.destroyed,
        status_url=_status_url(request, going.job_id or tracked.id),
    )


def _status_url(request: Request, id: str) -> str:
    prefix = VERSIONED if request.url.path.startswith(VERSIONED) else ""
    return f"{str(request.base_url).rstrip('/')}{prefix}/pipelines/{id}/status"
