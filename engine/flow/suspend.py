"""Approvals: whether the step after a suspending one may start."""

import time
from dataclasses import dataclass

from engine.flow.run import Doc, FlowRun
from engine.store.jobs import Answer, Jobs

DEFAULT_TIMEOUT = 1800


@dataclass(frozen=True)
class Wait:
    missing: int
    until: float | None


@dataclass(frozen=True)
class Resumed:
    job: str
    answers: list[Answer]


@dataclass(frozen=True)
class Refused:
    result: Doc


def check(run: FlowRun, jobs: Jobs) -> Wait | Resumed | Refused | None:
    """None: nothing to wait for."""
    if run.at_end or run.index == 0 or run.memo.get("resumed_step") == run.index:
        return None
    before, settings = (
        run.status["modules"][run.index - 1],
        run.modules[run.index - 1].get("suspend"),
    )
    if not settings or before["type"] != "Success" or before.get("skipped"):
        return None
    return _judge(run, settings, before["job"], jobs.answers(before["job"]))


def _judge(
    run: FlowRun, settings: Doc, job: str, answers: list[Answer]
) -> Wait | Resumed | Refused:
    approved = [answer for answer in answers if answer.approved]
    missing = int(settings.get("required_events", 1)) - len(approved)
    lenient = bool(settings.get("continue_on_disapprove_timeout"))
    refusal = next((answer for answer in answers if not answer.approved), None)
    if missing <= 0 or (refusal and lenient):
        return Resumed(job, answers)
    if refusal:
        return Refused(_error("SuspendedDisapproved", f"Disapproved by {refusal.approver}"))
    if run.state["type"] != "WaitingForEvents":
        return Wait(missing, time.time() + float(settings.get("timeout") or DEFAULT_TIMEOUT))
    if run.job.wake_at and run.job.wake_at <= time.time():
        timed_out = Refused(_error("SuspendedTimedOut", "Timed out waiting to be resumed"))
        return Resumed(job, answers) if lenient else timed_out
    return Wait(missing, None)


def _error(name: str, message: str) -> Doc:
    return {"error": {"name": name, "message": message}}


def waiting_state(run: FlowRun, missing: int) -> Doc:
    before = run.status["modules"][run.index - 1]["job"]
    return {"type": "WaitingForEvents", "id": run.state["id"], "count": missing, "job": before}
