"""Events of other systems that start something."""

import logging
import time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from gateway.access.errors import BadSignature
from gateway.access.guard import GuardedRoute, KnownCaller
from gateway.access.roles import Permission
from gateway.http.git_event import GitPush, received, run_of
from gateway.http.services import Platform
from gateway.http.webhook_signature import Event, verify
from gateway.routes.pipelines import accepted
from gateway.runs.deploys import limited, prepare, start_event, start_git_push
from gateway.runs.requests import DeployRequest
from gateway.runs.responses import Accepted, GitEvent

log = logging.getLogger("gateway")
router = APIRouter(prefix="/webhooks", tags=["webhooks"], route_class=GuardedRoute)
DEPLOY_REQUEST: TypeAdapter[DeployRequest] = TypeAdapter(DeployRequest)


SENT: dict[str, Any] = {
    "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}
}


@router.post("/deploy", status_code=202, openapi_extra=SENT)
async def deploy(request: Request, platform: Platform, caller: KnownCaller) -> Accepted:
    """As POST /pipelines/deploy, for senders that sign: Standard Webhooks headers, each id once."""
    secret = platform.settings.webhook_secret
    if secret is None:
        log.warning("an event was refused: WEBHOOK_SECRET is not set")
        raise BadSignature
    event = Event.received(request.headers, await request.body())
    verify(event, secret.get_secret_value(), time.time())
    run = await prepare(platform.windmill, _deploy_request(event.body))
    caller.works_on(run.name)
    caller.require(Permission.build, *run.deploys)
    run = limited(run, caller.only_with())
    return accepted(request, await start_event(platform.windmill, run, event.id), run)


@router.post("/git", status_code=202, openapi_extra=SENT)
async def git(request: Request, platform: Platform, caller: KnownCaller) -> GitEvent:
    """A push that GitHub or GitLab signed: to the branch that is followed, it starts a run of
    `git_push`, and the same event starts no other."""
    secret, branch = platform.settings.git_push_secret, platform.settings.git_push_branch
    if not secret or not branch:
        log.warning("an event was refused: GIT_PUSH_SECRET and GIT_PUSH_BRANCH are not both set")
        raise BadSignature
    body = await request.body()
    push = received(request.headers, body, secret.get_secret_value(), time.time())
    if not push.is_to(branch):
        return GitEvent(ignored=f"only pushes to {branch} are followed")
    caller.works_on(f"{branch} {push.after[:12]} by {push.by}")
    return GitEvent(id=await start_git_push(platform.windmill, run_of(body), _told(push)))


def _told(push: GitPush) -> dict[str, str]:
    return {"branch": push.branch, "commit": push.after, "by": push.by}


def _deploy_request(body: bytes) -> DeployRequest:
    try:
        return DEPLOY_REQUEST.validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
