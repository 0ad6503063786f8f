"""Watching and stopping jobs."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import answer, doc_body, flag, found, json_body, text
from engine.api.jobs.job_view import job_view, result_maybe
from engine.api.paths import workspace
from engine.core import Engine
from engine.errors import NotFound
from engine.runtime.environment import USER
from engine.store.forgetting import erase
from engine.store.jobs import Job


class JobsApi:
    def __init__(self, engine: Engine) -> None:
        self._jobs, self._scheduler, self._results = engine.jobs, engine.scheduler, engine.results

    def routes(self) -> list[Route]:
        routes = [
            Route("/jobs/result_by_id/{id}/{step}", self.result_by_id),
            Route("/jobs/worker_is_draining/{id}", self.worker_is_draining),
            Route("/job_metrics/set_progress/{id}", self.set_progress, methods=["POST"]),
            Route("/job_metrics/get_progress/{id}", self.get_progress),
            Route("/jobs/flow/user_states/{id}/{key}", self.get_user_state),
            Route("/jobs/flow/user_states/{id}/{key}", self.set_user_state, methods=["POST"]),
        ]
        watched = {
            "get/{id}": self.get,
            "get_logs/{id}": self.logs,
            "get_flow_all_logs/{id}": self.all_logs,
            "get_root_job_id/{id}": self.root,
            "completed/get/{id}": self.completed,
            "completed/get_result/{id}": self.result,
            "completed/get_result_maybe/{id}": self.maybe,
        }
        for pattern, handler in watched.items():
            routes.append(Route(f"/jobs_u/{pattern}", handler))
        routes.append(Route("/jobs/completed/delete/{id}", self.erase, methods=["POST"]))
        routes.append(Route("/jobs_u/queue/cancel/{id}", self.cancel, methods=["POST"]))
        routes.append(Route("/jobs_u/queue/force_cancel/{id}", self.force_cancel, methods=["POST"]))
        return routes

    def _job(self, request: Request) -> Job:
        job = self._jobs.get(request.path_params["id"])
        if job is None or job.workspace != workspace(request):
            raise NotFound(what=f"job {request.path_params['id']}")
        return job

    def _ended(self, request: Request) -> Job:
        job = self._job(request)
        return found(job if job.done else None, f"completed job {job.id} (it has not ended yet)")

    async def get(self, request: Request) -> Response:
        with_logs, with_code = not flag(request, "no_logs"), not flag(request, "no_code")
        return answer(job_view(self._job(request), self._jobs, with_logs, with_code))

    async def completed(self, request: Request) -> Response:
        return answer(job_view(self._ended(request), self._jobs))

    async def erase(self, request: Request) -> Response:
        job = self._ended(request)
        erase(self._jobs.db, job.id)
        return answer(job_view(self._ended(request), self._jobs))

    async def result(self, request: Request) -> Response:
        return answer(json.loads(self._ended(request).result or "null"))

    async def maybe(self, request: Request) -> Response:
        return answer(result_maybe(self._job(request)))

    async def logs(self, request: Request) -> Response:
        return text(self._jobs.logs(self._job(request).id))

    async def all_logs(self, request: Request) -> Response:
        return text("".join(self._section(job) for job in self._tree(self._job(request))))

    def _tree(self, job: Job) -> list[Job]:
        return [job] + [
            below for child in self._jobs.children(job.id) for below in self._tree(child)
        ]

    def _section(self, job: Job) -> str:
        logs = self._jobs.logs(job.id)
        return (
            f"--- {job.step_id or job.kind} {job.path or ''} ({job.id})\n{logs}\n" if logs else ""
        )

    async def root(self, request: Request) -> Response:
        job = self._job(request)
        return answer(job.root or job.id)

    async def result_by_id(self, request: Request) -> Response:
        return answer(self._results.by_id(self._job(request), request.path_params["step"]))

    async def worker_is_draining(self, request: Request) -> Response:
        return answer(self._scheduler.stopping)

    async def cancel(self, request: Request) -> Response:
        return await self._cancel(request, force=False)

    async def force_cancel(self, request: Request) -> Response:
        return await self._cancel(request, force=True)

    async def _cancel(self, request: Request, force: bool) -> Response:
        body, job = await doc_body(request), self._job(request)
        if job.done:
            return text(f"queued job {job.id} does not exist, it is already completed", 200)
        self._scheduler.cancel(job.id, USER, str(body.get("reason") or ""), force)
        return text(job.id)

    async def set_progress(self, request: Request) -> Response:
        job, body = self._job(request), await doc_body(request, {"percent": (int, float)})
        self._jobs.update(job.id, progress=max(0, min(100, round(body["percent"]))))
        return answer(None)

    async def get_progress(self, request: Request) -> Response:
        return answer(self._job(request).progress)

    def _flow(self, request: Request) -> Job:
        job = self._job(request)
        return found(job if job.is_flow else None, f"flow job {job.id} (it is a {job.kind})")

    async def get_user_state(self, request: Request) -> Response:
        return answer(json.loads(self._flow(request).user_state).get(request.path_params["key"]))

    async def set_user_state(self, request: Request) -> Response:
        job, value = self._flow(request), await json_body(request)
        states = json.loads(job.user_state) | {request.path_params["key"]: value}
        self._jobs.update(job.id, user_state=json.dumps(states))
        return answer(None)
