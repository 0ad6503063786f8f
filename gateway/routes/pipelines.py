"""Deploy, watch and destroy pipelines."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from gateway import logs
from gateway.answers import Accepted, DestroyAccepted, Logs, RunState, StatusAnswer
from gateway.deploys import Run, prepare, start
from gateway.errors import NotWaiting
from gateway.paths import DESTROY
from gateway.requests import ChooseTarget, DeployRequest
from gateway.services import Platform, Services
from gateway.status import Subject, describe, find
from gateway.steps import waiting_flow
from windmill.scripts.model.deployment import Deployment, State

router = APIRouter(prefix="/pipelines", tags=["pipelines"])
ENDED = {RunState.live, RunState.failed, RunState.degraded, RunState.destroyed}
SECONDS_BETWEEN_EVENTS = 0.5
VERSIONED = "/api/v1"
IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=200)]


@router.post("/deploy", status_code=202)
async def deploy(
    body: DeployRequest,
    request: Request,
    platform: Platform,
    idempotency_key: IdempotencyKey = None,
) -> Accepted:
    """Starts the deployment of a catalog pipeline or of a drawing; answers before it is done."""
    run = await prepare(platform.windmill, body)
    return accepted(request, await start(platform.windmill, run, idempotency_key), run)


def accepted(request: Request, job_id: str, run: Run) -> Accepted:
    status_url = _status_url(request, job_id)
    return Accepted(id=job_id, status_url=status_url, pipeline=run.pipeline, name=run.name)


@router.get("")
async def list_deployments(
    platform: Platform, include_destroyed: Annotated[bool, Query(alias="all")] = False
) -> list[Deployment]:
    """The deployments there are; with `all` also those that were destroyed."""
    return await platform.deployments.all(include_destroyed)


@router.get("/{id}/status")
async def status(id: str, platform: Platform) -> StatusAnswer:
    """`id` is a tracking id, a deployment's id or its name."""
    return await _status(platform, id)


@router.get("/{id}/logs")
async def read_logs(id: str, platform: Platform, after: str = "") -> Logs:
    """What the run's steps said; `after` takes the `next` of the answer before."""
    subject = await find(platform.windmill, platform.deployments, id)
    lines, following = await logs.read(platform.windmill, platform.deployments, subject, after)
    state = (await describe(platform.windmill, subject)).state
    return Logs(lines=lines, next=following, state=state)


@router.get("/{id}/events", response_class=StreamingResponse)
async def events(id: str, platform: Platform) -> StreamingResponse:
    """Server-sent events: one `status` each time something changed, until the run has ended."""
    first = await _status(platform, id)
    return StreamingResponse(_changes(platform, id, first), media_type="text/event-stream")


@router.post("/{id}/target", status_code=202)
async def choose_target(
    id: str, body: ChooseTarget, request: Request, platform: Platform
) -> Accepted:
    """Lets a run go on that waits for somebody to choose its target."""
    subject = await find(platform.windmill, platform.deployments, id)
    waiting = await waiting_flow(platform.windmill, subject.job) if subject.job else None
    answer = await describe(platform.windmill, subject)
    if waiting is None:
        raise NotWaiting(id=id, state=answer.state)
    await platform.windmill.resume(waiting.id, {"target": body.target})
    status_url = _status_url(request, subject.id)
    return Accepted(id=subject.id, status_url=status_url, pipeline=answer.name, name=answer.name)


@router.delete("/{id}", status_code=202)
async def destroy(id: str, request: Request, platform: Platform) -> DestroyAccepted:
    """Stops what runs and removes what was created; asking twice is fine."""
    subject = await find(platform.windmill, platform.deployments, id)
    deployment = subject.deployment
    if deployment is None:
        return await _cancel(platform, subject, request)
    if deployment.state == State.destroyed:
        return _destroying(request, None, deployment)
    return _destroying(request, await _start_destroying(platform, deployment), deployment)


async def _status(platform: Services, id: str) -> StatusAnswer:
    subject = await find(platform.windmill, platform.deployments, id)
    return await describe(platform.windmill, subject, platform.settings.debug)


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


async def _start_destroying(platform: Services, deployment: Deployment) -> str:
    args = {"deployment_id": deployment.id}
    unfinished = await platform.windmill.unfinished(DESTROY, args)
    if unfinished:
        return unfinished[0]
    if deployment.state == State.deploying and deployment.run_id:
        await platform.windmill.cancel(deployment.run_id, "the deployment is destroyed")
    return await platform.windmill.run_flow(DESTROY, args)


async def _cancel(platform: Services, subject: Subject, request: Request) -> DestroyAccepted:
    """A run that has not become a deployment has created nothing."""
    await platform.windmill.cancel(subject.id, "canceled by request")
    name = (await describe(platform.windmill, subject)).name
    return DestroyAccepted(
        id=subject.id,
        deployment_id=None,
        name=name,
        state=RunState.destroyed,
        status_url=_status_url(request, subject.id),
    )


def _destroying(request: Request, job_id: str | None, deployment: Deployment) -> DestroyAccepted:
    return DestroyAccepted(
        id=job_id,
        deployment_id=deployment.id,
        name=deployment.name,
        state=RunState.destroying if job_id else RunState.destroyed,
        status_url=_status_url(request, job_id or deployment.id),
    )


def _status_url(request: Request, id: str) -> str:
    prefix = VERSIONED if request.url.path.startswith(VERSIONED) else ""
    return f"{str(request.base_url).rstrip('/')}{prefix}/pipelines/{id}/status"
