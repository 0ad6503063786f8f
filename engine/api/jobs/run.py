"""Starting jobs."""

import json
import time
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import Doc, doc_body, found, moment, number, text
from engine.api.jobs.arguments import as_json_object, for_flow, given
from engine.api.jobs.reply import reply
from engine.api.paths import path, workspace
from engine.api.script_modules import check_modules
from engine.core import Engine
from engine.errors import BadRequest, StillRunning
from engine.flow.normal import named
from engine.flow.validate import LANGUAGES, check_flow
from engine.store.items import Version
from engine.store.jobs import Job
from engine.store.runnables import flow_job, script_job

WAIT_SECONDS = 20.0
_LOOK_SECONDS = 0.05


class Run:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> list[Route]:
        makers = {
            "p/{path:path}": self._by_path,
            "h/{path}": self._by_hash,
            "f/{path:path}": self._flow,
            "fv/{path}": self._flow_version,
            "preview": self._preview,
            "preview_flow": self._preview_flow,
        }
        routes = []
        for pattern, make in makers.items():
            routes.append(Route(f"/jobs/run/{pattern}", self._start(make), methods=["POST"]))
            routes.append(
                Route(
                    f"/jobs/run_wait_result/{pattern}", self._start_and_wait(make), methods=["POST"]
                )
            )
        return routes

    def _start(self, make: Any) -> Any:
        async def handler(request: Request) -> Response:
            return text(self._push(request, await make(request)).id, 201)

        return handler

    def _start_and_wait(self, make: Any) -> Any:
        async def handler(request: Request) -> Response:
            return await self.answer_of(self._push(request, await make(request)))

        return handler

    async def answer_of(self, job: Job) -> Response:
        ended = await self._answering(job)
        if ended is None or not ended.done:
            raise StillRunning(seconds=WAIT_SECONDS, id=job.id)
        return reply(json.loads(ended.result or "null"), bool(ended.success))

    async def _answering(self, job: Job) -> Job | None:
        """The job whose result is the answer: the flow, or the step it returns early."""
        scheduler = self._engine.scheduler
        if early := json.loads(job.flow or "{}").get("early_return"):
            deadline = time.monotonic() + WAIT_SECONDS
            while time.monotonic() < deadline:
                flow = await scheduler.wait(job.id, _LOOK_SECONDS)
                step = self._ended_step(job.id, early)
                if step or (flow and flow.done):
                    return step or flow
        return await scheduler.wait(job.id, WAIT_SECONDS)

    def _ended_step(self, flow_id: str, step_id: str) -> Job | None:
        children = self._engine.jobs.children(flow_id)
        return next((job for job in children if job.step_id == step_id and job.done), None)

    def _push(self, request: Request, job: Job) -> Job:
        query = request.query_params
        if wanted := query.get("job_id"):
            job.id = _uuid("job_id", wanted)
        if parent := query.get("parent_job"):
            job.parent = _uuid("parent_job", parent)
            job.root = _uuid("root_job", query["root_job"]) if "root_job" in query else job.parent
        delay = number(request, "scheduled_in_secs")
        job.scheduled_for = moment(request, "scheduled_for") or time.time() + max(delay or 0, 0)
        job.tag, job.timeout = (
            query.get("tag") or job.tag,
            number(request, "timeout") or job.timeout,
        )
        self._engine.jobs.add(job)
        self._engine.scheduler.notify()
        return job

    async def _by_path(self, request: Request) -> Job:
        script = self._engine.runnables.script(workspace(request), path(request))
        return self._script(request, script, await given(request))

    async def _by_hash(self, request: Request) -> Job:
        script = found(
            self._engine.scripts.by_hash(workspace(request), path(request)),
            f"script {path(request)}",
        )
        return self._script(request, script, await given(request))

    def _script(self, request: Request, script: Version, args: Doc) -> Job:
        job = script_job(workspace(request), script, json.dumps(args))
        seconds = script.doc.get("cache_ttl")
        return self._engine.jobs.reused(job, seconds) if seconds else job

    async def _flow(self, request: Request) -> Job:
        flow = self._engine.runnables.flow(workspace(request), path(request))
        return await self._deployed(request, flow)

    async def _flow_version(self, request: Request) -> Job:
        flow = found(
            self._engine.flows.by_seq(workspace(request), path(request)),
            f"flow version {path(request)}",
        )
        return await self._deployed(request, flow)

    async def _deployed(self, request: Request, flow: Version) -> Job:
        value, args = await for_flow(request, flow.doc["value"])
        job = flow_job(workspace(request), flow, json.dumps(args))
        job.flow, seconds = json.dumps(value), value.get("cache_ttl")
        return self._engine.jobs.reused(job, seconds) if seconds else job

    async def _preview(self, request: Request) -> Job:
        body = await doc_body(request, {"content": str})
        job = Job(
            workspace(request),
            "preview",
            path=body.get("path"),
            args=as_json_object(body.get("args")),
        )
        job.code, job.lock, job.language = (
            body["content"],
            body.get("lock"),
            body.get("language", "python3"),
        )
        job.tag = body.get("tag") or None
        check_modules(body.get("modules"))
        job.modules = self._engine.modules.put(body.get("modules"))
        if job.language not in LANGUAGES:
            known = " and ".join(LANGUAGES)
            raise BadRequest(why=f"the embedded engine runs {known}, not {job.language}")
        return job

    async def _preview_flow(self, request: Request) -> Job:
        body = await doc_body(request, {"value": object})
        check_flow(body["value"])
        args = as_json_object(body.get("args"))
        return Job(
            workspace(request),
            "flowpreview",
            path=body.get("path"),
            args=args,
            tag=body.get("tag") or None,
            flow=json.dumps(named(body["value"]) | {"preprocessor_module": None}),
        )


def _uuid(name: str, value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise BadRequest(why=f"query parameter `{name}` is not a UUID") from error
