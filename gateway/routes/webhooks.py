"""Events of other systems that start something."""

import logging
import time

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from gateway.access.guard import GuardedRoute, KnownCaller
from gateway.access.roles import Permission
from gateway.errors import BadSignature
from gateway.http.services import Platform
from gateway.http.webhook_signature import Event, verify
from gateway.routes.pipelines import accepted
from gateway.runs.deploys import limited, prepare, start_event
from gateway.runs.requests import DeployRequest
from gateway.runs.responses import Accepted

log = logging.getLogger("gateway")
router = APIRouter(prefix="/webhooks", tags=["webhooks"], route_class=GuardedRoute)
DEPLOY_REQUEST: TypeAdapter[DeployRequest] = TypeAdapter(DeployRequest)


@router.post(
    "/deploy",
    status_code=202,
    openapi_extra={
        "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}
    },
)
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


def _deploy_request(body: bytes) -> DeployRequest:
    try:
        return DEPLOY_REQUEST.validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
