"""Starting jobs."""

import json
import time
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import answer, doc_body, found, json_body, moment, number, text
from engine.api.paths import path, workspace
from engine.api.script_modules import check_modules
from engine.core import Engine
from engine.errors import BadRequest, StillRunning
from engine.flow.validate import check_flow
from engine.store.items import Version
from engine.store.jobs import Job

WAIT_SECONDS = 20.0


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
            job = self._push(request, await make(request))
            ended = await self._engine.scheduler.wait(job.id, WAIT_SECONDS)
            if ended is None or not ended.done:
                raise StillRunning(seconds=WAIT_SECONDS, id=job.id)
            return answer(json.loads(ended.result or "null"), 200 if ended.success else 422)

        return handler

    def _push(self, request: Request, job: Job) -> Job:
        query = request.query_params
        if wanted := query.get("job_id"):
            job.id = _uuid("job_id", wanted)
        if parent := query.get("parent_job"):
            job.parent = _uuid("parent_job", parent)
            job.root = _uuid("root_job", query["root_job"]) if "root_job" in query else job.parent
        delay = number(request, "scheduled_in_secs")
        job.scheduled_for = moment(request, "scheduled_for") or time.time() + (delay or 0)
        job.tag, job.timeout = (
            query.get("tag") or job.tag,
            number(request, "timeout") or job.timeout,
        )
        self._engine.jobs.add(job)
        self._engine.scheduler.notify()
        return job

    async def _by_path(self, request: Request) -> Job:
        script = found(
            self._engine.scripts.live(workspace(request), path(request)), f"script {path(request)}"
        )
        return script_job(request, script, await _args(request))

    async def _by_hash(self, request: Request) -> Job:
        script = found(
            self._engine.scripts.by_hash(workspace(request), path(request)),
            f"script {path(request)}",
        )
        return script_job(request, script, await _args(request))

    async def _flow(self, request: Request) -> Job:
        flow = found(
            self._engine.flows.live(workspace(request), path(request)), f"flow {path(request)}"
        )
        return flow_job(request, flow, await _args(request))

    async def _flow_version(self, request: Request) -> Job:
        flow = found(
            self._engine.flows.by_seq(workspace(request), path(request)),
            f"flow version {path(request)}",
        )
        return flow_job(request, flow, await _args(request))

    async def _preview(self, request: Request) -> Job:
        body = await doc_body(request, {"content": str})
        job = Job(
            workspace(request),
            "preview",
            path=body.get("path"),
            args=_json_object(body.get("args")),
        )
        job.code, job.lock, job.language = (
            body["content"],
            body.get("lock"),
            body.get("language", "python3"),
        )
        check_modules(body.get("modules"))
        job.modules = self._engine.modules.put(body.get("modules"))
        if job.language != "python3":
            raise BadRequest(why=f"the embedded engine runs python3, not {job.language}")
        return job

    async def _preview_flow(self, request: Request) -> Job:
        body = await doc_body(request, {"value": dict})
        check_flow(body["value"])
        args = _json_object(body.get("args"))
        return Job(
            workspace(request),
            "flowpreview",
            path=body.get("path"),
            args=args,
            flow=json.dumps(body["value"]),
        )


def script_job(request: Request, script: Version, args: str) -> Job:
    doc = script.doc
    return Job(
        workspace(request),
        "script",
        path=script.path,
        runnable=script.hash,
        args=args,
        language=doc["language"],
        tag=doc.get("tag"),
        timeout=doc.get("timeout"),
    )


def flow_job(request: Request, flow: Version, args: str) -> Job:
    value = json.dumps(flow.doc["value"])
    return Job(
        workspace(request), "flow", path=flow.path, runnable=str(flow.seq), args=args, flow=value
    )


async def _args(request: Request) -> str:
    body = await json_body(request)
    return json.dumps(body if isinstance(body, dict) else {"body": body})


def _json_object(value: Any) -> str:
    if not isinstance(value or {}, dict):
        raise BadRequest(why="`args` must be an object")
    return json.dumps(value or {})


def _uuid(name: str, value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise BadRequest(why=f"query parameter `{name}` is not a UUID") from error
