"""A job as Windmill's API shows it."""

import json
import time
from typing import Any

from engine.api.http import Doc, iso
from engine.flow.run import FlowRun
from engine.runtime.environment import EMAIL, USER
from engine.store.jobs import Job, Jobs


def job_row(job: Job) -> Doc:
    """As in lists: what can be large or costly is left out."""
    return _common(job) | (_completed(job) if job.done else _queued(job))


def job_view(job: Job, jobs: Jobs, with_logs: bool = True, with_code: bool = True) -> Doc:
    view = job_row(job)
    if job.done:
        view["result"] = json.loads(job.result or "null")
    if job.is_flow:
        view["flow_status"] = flow_status(job, jobs)
    if with_logs:
        view["logs"] = jobs.logs(job.id)
    if with_code:
        view |= {"raw_code": job.code, "raw_lock": job.lock}
        view["raw_flow"] = json.loads(job.flow) if job.flow else None
    return view


def _common(job: Job) -> Doc:
    return {
        "id": job.id,
        "workspace_id": job.workspace,
        "job_kind": job.kind,
        "script_path": job.path,
        "script_hash": job.runnable if job.kind == "script" else None,
        "language": job.language,
        "tag": job.worker_tag,
        "args": json.loads(job.args),
        "parent_job": job.parent,
        "root_job": job.root,
        "flow_innermost_root_job": job.innermost,
        "flow_step_id": None,  # only the status of the flow tells which step a job was
        "is_flow_step": bool(job.step_id),
        "created_at": iso(job.created_at),
        "started_at": iso(job.started_at),
        "created_by": job.created_by,
        "permissioned_as": f"u/{USER}",
        "email": EMAIL,
        "visible_to_owner": True,
        "same_worker": False,
        "canceled": job.canceled,
        "canceled_by": job.canceled_by,
        "canceled_reason": job.canceled_reason,
        "schedule_path": job.schedule_path,
        "priority": None,
    }


def _completed(job: Job) -> Doc:
    started, ended = job.started_at or job.completed_at or 0.0, job.completed_at or 0.0
    return {
        "type": "CompletedJob",
        "success": bool(job.success),
        "is_skipped": bool(job.skipped),
        "deleted": False,
        "completed_at": iso(job.completed_at),
        "duration_ms": max(0, round((ended - started) * 1000)),
        "running": False,
    }


def _queued(job: Job) -> Doc:
    return {
        "type": "QueuedJob",
        "running": job.state == "running",
        "scheduled_for": iso(job.scheduled_for),
        "suspend": job.suspend or None,
        "timeout": job.timeout,
        "last_ping": iso(time.time()),
    }


def flow_status(job: Job, jobs: Jobs) -> Doc:
    status = FlowRun.load(job).status
    shown = {key: value for key, value in status.items() if key != "embedded"}
    shown["modules"] = [_module(state, jobs) for state in status["modules"]]
    shown["failure_module"] = _module(status["failure_module"], jobs)
    shown["user_states"] = json.loads(job.user_state)
    return shown


def _module(state: Doc, jobs: Jobs) -> Doc:
    """A pushed step is in progress once its job runs; only the job knows."""
    if state["type"] != "WaitingForExecutor":
        return state
    child = jobs.get(state["job"])
    return state | {"type": "InProgress"} if child and child.state != "queued" else state


def result_maybe(job: Job) -> dict[str, Any]:
    return {
        "completed": job.done,
        "result": json.loads(job.result or "null") if job.done else None,
        "success": bool(job.success) if job.done else None,
        "started": job.done or job.state == "running",
    }
