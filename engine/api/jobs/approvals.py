"""Links that resume or refuse a suspended flow."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import answer, flag, found, json_body, text
from engine.api.paths import workspace
from engine.api.tokens import Tokens
from engine.core import Engine
from engine.errors import BadRequest, NoJson, Unauthorized
from engine.flow.suspend import NOBODY
from engine.runtime.environment import USER
from engine.store.jobs import Answer, Job

_OWNER = 0  # an owner has one answer


class Approvals:
    def __init__(self, engine: Engine) -> None:
        self._jobs, self._scheduler = engine.jobs, engine.scheduler
        self._secret, self._base_url = engine.secret, engine.settings.base_url
        self._tokens = Tokens(engine)

    def routes(self) -> list[Route]:
        link = "{id}/{nonce:int}/{signature}"
        return [
            Route("/jobs/resume_urls/{id}/{nonce:int}", self.urls),
            Route(f"/jobs_u/resume/{link}", self.resume, methods=["GET", "POST"]),
            Route(f"/jobs_u/cancel/{link}", self.refuse, methods=["GET", "POST"]),
            Route("/jobs/flow/resume/{id}", self.resume_as_owner, methods=["POST"]),
        ]

    def _sign(self, job_id: str, nonce: int, approver: str) -> str:
        message = json.dumps([job_id, nonce, approver]).encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()

    async def urls(self, request: Request) -> Response:
        job_id, nonce = request.path_params["id"], request.path_params["nonce"]
        job = found(self._jobs.get(job_id), f"job {job_id}")
        job_id = job.parent or job_id if flag(request, "flow_level") else job_id
        approver = request.query_params.get("approver") or ""
        tail = f"{job_id}/{nonce}/{self._sign(job_id, nonce, approver)}"
        query = f"?{urlencode({'approver': approver})}" if approver else ""
        base = f"{self._base_url}/api/w/{workspace(request)}/jobs_u"
        page = f"{self._base_url}/approve/{workspace(request)}/{tail}{query}"
        return answer(
            {
                "approvalPage": page,
                "resume": f"{base}/resume/{tail}{query}",
                "cancel": f"{base}/cancel/{tail}{query}",
            }
        )

    async def resume(self, request: Request) -> Response:
        return await self._by_link(request, approved=True)

    async def refuse(self, request: Request) -> Response:
        return await self._by_link(request, approved=False)

    async def _by_link(self, request: Request, approved: bool) -> Response:
        job_id, nonce = request.path_params["id"], request.path_params["nonce"]
        approver = request.query_params.get("approver") or ""
        by = approver or (USER if self._tokens.known(request) else NOBODY)
        signature = request.path_params["signature"].encode()
        if not hmac.compare_digest(self._sign(job_id, nonce, approver).encode(), signature):
            raise Unauthorized
        job = found(self._jobs.get(job_id), f"job {job_id}")
        self._answer(
            self._step(job, [job]),
            Answer(nonce, await _payload(request), by, approved),
        )
        return text("reply received", 201)

    async def resume_as_owner(self, request: Request) -> Response:
        flow = found(
            self._jobs.get(request.path_params["id"]), f"flow job {request.path_params['id']}"
        )
        asking = self._step(flow, self._jobs.open_descendants(flow.id))
        self._answer(asking, Answer(_OWNER, await _payload(request), USER, True))
        return text("flow resumed", 201)

    def _step(self, job: Job, flows: list[Job]) -> Job:
        """Links name the step that asked, or the flow that waits; an owner may name a flow around
        that one."""
        if not job.is_flow:
            return job
        for flow in flows:
            for state in json.loads(flow.flow_status or "{}").get("modules", []):
                if state["type"] == "WaitingForEvents" and (step := self._jobs.get(state["job"])):
                    return step
        raise BadRequest(why=f"flow {job.id} is not waiting for an approval")

    def _answer(self, step: Job, answered: Answer) -> None:
        flow = self._jobs.get(step.parent) if step.parent else None
        if flow is None or flow.done:
            raise BadRequest(why=f"the flow of job {step.id} has ended or never was")
        self._jobs.answer(step.id, answered)
        self._scheduler.wake(flow.id)


async def _payload(request: Request) -> Any:
    if request.method == "GET":
        encoded = request.query_params.get("payload")
        return _decoded(encoded) if encoded else None
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise NoJson
    return await json_body(request)


def _decoded(encoded: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except ValueError as error:
        raise BadRequest(why="query parameter `payload` is not base64 JSON") from error
