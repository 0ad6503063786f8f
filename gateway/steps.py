"""A run's steps, read from Windmill's jobs; sub-flows show their own steps."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from gateway.jobs import FlowStatus, Job, ModuleStatus
from gateway.windmill import Windmill

FAILURE = "failure"
WAITS = "WaitingForEvents"
NOT_STARTED = ModuleStatus(type="WaitingForPriorSteps")


class StepState(StrEnum):
    waiting = "waiting"
    running = "running"
    done = "done"
    failed = "failed"
    skipped = "skipped"


@dataclass(frozen=True)
class Step:
    id: str
    title: str
    state: StepState
    started_at: datetime | None = None
    seconds: float | None = None
    detail: str = ""
    job_id: str | None = None


async def steps_of(windmill: Windmill, job: Job) -> list[Step]:
    """Raises no error for what has not begun yet: those steps are waiting."""
    flow = await _definition(windmill, job.raw_flow, job.script_path)
    status = job.flow_status or FlowStatus()
    by_id = {module.id: module for module in status.modules}
    lists = await asyncio.gather(
        *(
            _module_steps(windmill, module, by_id.get(module["id"], NOT_STARTED), job.completed)
            for module in flow.get("modules", ())
        )
    )
    steps = [step for steps in lists for step in steps]
    return [*steps, *await _failure_step(windmill, flow, status, job.completed)]


async def _definition(
    windmill: Windmill, raw: Mapping[str, Any] | None, path: str | None
) -> Mapping[str, Any]:
    if raw is not None or path is None:
        return raw or {}
    stored = await windmill.flow(path)
    return (stored or {}).get("value") or {}


async def _module_steps(
    windmill: Windmill, module: Mapping[str, Any], status: ModuleStatus, ended: bool
) -> list[Step]:
    job = await windmill.job(status.job) if status.job else None
    value = module.get("value", {})
    if value.get("type") != "flow":
        return [_step(module, status, job, ended)]
    if job and job.flow_status:
        return await steps_of(windmill, job)
    flow = await _definition(windmill, None, value.get("path"))
    return [_step(inner, NOT_STARTED, None, ended) for inner in flow.get("modules", ())]


async def _failure_step(
    windmill: Windmill, flow: Mapping[str, Any], status: FlowStatus, ended: bool
) -> list[Step]:
    module = status.failure_module
    if module is None or module.job is None:
        return []
    shown = {**(flow.get("failure_module") or {}), "id": FAILURE}
    return [_step(shown, module, await windmill.job(module.job), ended)]


def _step(module: Mapping[str, Any], status: ModuleStatus, job: Job | None, ended: bool) -> Step:
    # While the flow waits for an answer, `job` is the step before this one.
    job = None if status.type == WAITS else job
    asks = status.type == WAITS or (job is not None and waits(job))
    return Step(
        id=module["id"],
        title=module.get("summary") or module["id"].replace("_", " ").capitalize(),
        state=StepState.waiting if asks and not ended else _state(status, job, ended),
        started_at=job.started_at if job else None,
        seconds=_seconds(job) if job else None,
        detail="waits for an answer" if asks and not ended else _detail(job),
        job_id=job.id if job else None,
    )


def _state(status: ModuleStatus, job: Job | None, ended: bool) -> StepState:
    if status.skipped:
        return StepState.skipped
    if status.type == "Success":
        return StepState.done
    if status.type == "Failure":
        return StepState.failed
    if status.type == "InProgress" and not ended:
        return StepState.running if job is None or job.started_at else StepState.waiting
    if job and job.failed:
        return StepState.failed
    return StepState.skipped if ended else StepState.waiting


def waits(flow: Job) -> bool:
    """Whether this flow itself waits for somebody's answer."""
    modules = flow.flow_status.modules if flow.flow_status else ()
    return not flow.completed and any(module.type == WAITS for module in modules)


def _detail(job: Job | None) -> str:
    return job.error_text if job and job.failed else ""


def _seconds(job: Job) -> float | None:
    if job.duration_ms is not None:
        return round(job.duration_ms / 1000, 3)
    if job.started_at is None:
        return None
    return round((datetime.now(UTC) - job.started_at).total_seconds(), 3)


async def flow_jobs(windmill: Windmill, job: Job) -> AsyncIterator[Job]:
    """The flow's own job, then those of the flows it runs, outermost first."""
    yield job
    for module in job.flow_status.modules if job.flow_status else ():
        if module.job and module.type != WAITS:
            child = await windmill.job(module.job)
            if child and child.flow_status:
                async for inner in flow_jobs(windmill, child):
                    yield inner


async def waiting_flow(windmill: Windmill, job: Job) -> Job | None:
    """The flow of this run that waits for somebody's answer."""
    if job.completed:
        return None
    async for flow in flow_jobs(windmill, job):
        if waits(flow):
            return flow
    return None
