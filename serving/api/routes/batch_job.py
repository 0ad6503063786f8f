"""POST /batch starts the run, GET /batch tells how far it is, GET /batch/output is its result."""

import time
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel

from serving.api.failures import responses
from serving.api.metrics import Metrics
from serving.errors import NotReady
from serving.port_types import Job, JobState
from serving.runtime import Runtime

FAILURES = responses(409, 422, 503)
KINDS = {".csv": "text/csv", ".tsv": "text/tab-separated-values"}
LINES = "application/jsonl"
OUTPUT: dict[str, Any] = {"content": {kind: {} for kind in (*KINDS.values(), LINES)}}


class JobAnswer(BaseModel):
    run: int
    status: Literal["waiting", "running", "done", "failed"]
    reason: str
    total: int
    done: int
    failed: int
    progress: float
    seconds: float | None


def router(runtime: Runtime, metrics: Metrics) -> APIRouter:
    api = APIRouter()

    @api.post("/batch", status_code=202, responses=FAILURES, summary="Run over every row")
    async def start() -> JobAnswer:
        return _answer(await runtime.provided(Job).start())

    @api.get("/batch", responses=FAILURES, summary="How far is the run?")
    async def state() -> JobAnswer:
        return _answer(runtime.provided(Job).state)

    @api.get(
        "/batch/output",
        response_class=FileResponse,
        responses={200: OUTPUT, **FAILURES},
        summary="The rows with their answers",
    )
    async def output() -> FileResponse:
        job = runtime.provided(Job)
        if job.output is None:
            state = job.state
            raise NotReady(reason=f"the run is {state.status}, {state.done} of {state.total} rows")
        kind = KINDS.get(job.output.suffix.lower(), LINES)
        return FileResponse(job.output, filename=job.output.name, media_type=kind)

    return api


def _answer(state: JobState) -> JobAnswer:
    until = state.finished_at or time.time()
    return JobAnswer(
        run=state.run,
        status=state.status,
        reason=state.reason,
        total=state.total,
        done=state.done,
        failed=state.failed,
        progress=round(state.done / state.total, 3) if state.total else 0,
        seconds=round(until - state.started_at, 1) if state.started_at else None,
    )
