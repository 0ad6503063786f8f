"""What is new about a job, for those that watch it: in one answer, or as a stream of events.

Absent is not null here: Windmill leaves out what a watcher did not ask for or knows already.
"""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from engine.api.http import Doc, answer, flag, found, whole
from engine.api.jobs.job_view import flow_status, job_view
from engine.api.paths import workspace
from engine.core import Engine
from engine.scheduler import Scheduler
from engine.store.jobs import Job, Jobs

STREAM_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}
_STREAM_SECONDS, _PING_SECONDS = 60.0, 5.0
_SLOW = 3.0


@dataclass(frozen=True)
class Watcher:
    """What it asks for and what it knows; `running` None: it does not say what it knows."""

    running: bool | None = None
    log_offset: int = 0
    no_logs: bool = False
    only_result: bool = False
    get_progress: bool = False
    fast: bool = False

    @classmethod
    def of(cls, request: Request) -> "Watcher":
        return cls(
            running=flag(request, "running") if "running" in request.query_params else None,
            log_offset=whole(request, "log_offset", 0),
            no_logs=flag(request, "no_logs"),
            only_result=flag(request, "only_result"),
            get_progress=flag(request, "get_progress"),
            fast=flag(request, "fast"),
        )

    def pause(self, looks: int) -> float:
        """Seconds until the next look at a job that does not end meanwhile."""
        if not self.fast or looks > 100:
            return _SLOW
        return 0.5 if looks > 10 else 0.1

    def after(self, update: Doc) -> "Watcher":
        seen = replace(self, log_offset=update.get("log_offset", self.log_offset))
        return replace(seen, running=True) if update.get("running") else seen


class Updates:
    def __init__(self, engine: Engine) -> None:
        self._jobs, self._scheduler = engine.jobs, engine.scheduler

    def routes(self) -> list[Route]:
        return [
            Route("/jobs_u/getupdate/{id}", self.update),
            Route("/jobs_u/getupdate_sse/{id}", self.stream),
        ]

    def _job(self, request: Request) -> Job:
        job = self._jobs.get(request.path_params["id"])
        here = job if job and job.workspace == workspace(request) else None
        return found(here, f"job {request.path_params['id']}")

    async def update(self, request: Request) -> Response:
        return answer(_update(self._job(request), self._jobs, Watcher.of(request)))

    async def stream(self, request: Request) -> Response:
        return event_stream(self._job(request), self._jobs, self._scheduler, Watcher.of(request))


def event_stream(job: Job, jobs: Jobs, scheduler: Scheduler, watcher: Watcher) -> Response:
    """Events until the job ends: `update`, `ping` while nothing is new, at last `timeout`."""
    events = _events(job.id, jobs, scheduler, watcher)
    return StreamingResponse(events, headers=STREAM_HEADERS, media_type="text/event-stream")


async def _events(
    job_id: str, jobs: Jobs, scheduler: Scheduler, watcher: Watcher
) -> AsyncIterator[str]:
    last: Doc | None = None
    began = pinged = time.monotonic()
    looks = 0
    while time.monotonic() - began <= _STREAM_SECONDS:
        job = jobs.get(job_id)
        if job is None:
            yield _event("notfound", {})
            return
        update = _update(job, jobs, watcher)
        seen = {key: value for key, value in update.items() if key != "new_logs"}
        if seen != last:
            news = _news(update, watcher) if looks else update
            yield _event("update", news | _outcome(job, jobs, watcher))
            last, watcher = seen, watcher.after(update)
        if job.done:
            return
        looks += 1
        if time.monotonic() - pinged > _PING_SECONDS:
            yield _event("ping", {})
            pinged = time.monotonic()
        await scheduler.wait(job_id, watcher.pause(looks))
    yield _event("timeout", {})


def _event(kind: str, told: Doc) -> str:
    return f"data: {json.dumps({'type': kind} | told)}\n\n"


def _update(job: Job, jobs: Jobs, watcher: Watcher) -> Doc:
    return _result(job, watcher) if watcher.only_result else _state(job, jobs, watcher)


def _result(job: Job, watcher: Watcher) -> Doc:
    """A watcher that said nothing of `running` is told nothing of it; one that said so hears it."""
    running = watcher.running
    if running is False:
        running = None if job.done else job.state == "running"
    told = {} if running is None else {"running": running}
    ended = {"completed": True, "only_result": json.loads(job.result or "null")}
    return told | (ended if job.done else {})


def _state(job: Job, jobs: Jobs, watcher: Watcher) -> Doc:
    update: Doc = {"completed": job.done}
    if job.done or (watcher.running is False and job.state == "running"):
        update["running"] = not job.done
    if not watcher.no_logs and (logs := jobs.logs(job.id)):
        # Offsets count from one, the first letter's; none is zero.
        update["new_logs"] = logs[max(watcher.log_offset - 1, 0) :]
        update["log_offset"] = len(logs) + 1
    if watcher.get_progress and job.progress is not None:
        update["progress"] = job.progress
    return update | ({"flow_status": flow_status(job, jobs)} if job.is_flow else {})


def _news(update: Doc, watcher: Watcher) -> Doc:
    """A later event of a stream repeats nothing that an earlier one said."""
    known = {"completed": False, "new_logs": "", "log_offset": watcher.log_offset}
    return {key: value for key, value in update.items() if known.get(key, ...) != value}


def _outcome(job: Job, jobs: Jobs, watcher: Watcher) -> Doc:
    if not job.done or watcher.only_result:
        return {}
    return {"job": job_view(job, jobs, with_logs=False, with_code=False)}
