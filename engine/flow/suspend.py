"""Approvals: whether the step after a suspending one may start."""

import time
from dataclasses import dataclass

from engine.errors import JobError
from engine.flow.run import Doc, FlowRun
from engine.store.jobs import Answer, Jobs

DEFAULT_TIMEOUT = 1800
NOBODY = "anonymous"


@dataclass(frozen=True)
class Wait:
    missing: int
    until: float | None


@dataclass(frozen=True)
class Resumed:
    """`verdict`: why the flow goes on though nobody agreed, told to the step as one more answer."""

    job: str
    answers: list[Answer]
    verdict: list[Doc]


@dataclass(frozen=True)
class Refused:
    error: JobError


def check(run: FlowRun, jobs: Jobs) -> Wait | Resumed | Refused | None:
    """None: nothing to wait for."""
    if run.at_end or run.index <= 0 or run.memo.get("resumed_step") == run.index:
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
    missing = int(settings.get("required_events") or 0) - len(approved)
    lenient = bool(settings.get("continue_on_disapprove_timeout"))
    refusal = next((answer for answer in answers if not answer.approved), None)
    if refusal:
        refused = JobError("SuspendedDisapproved", f"Disapproved by {shown(refusal)}")
        return Resumed(job, answers, [refused.as_result()]) if lenient else Refused(refused)
    if missing <= 0:
        return Resumed(job, answers, [])
    if run.state["type"] != "WaitingForEvents":
        return Wait(missing, time.time() + float(settings.get("timeout") or DEFAULT_TIMEOUT))
    if run.job.wake_at and run.job.wake_at <= time.time():
        late = JobError("SuspendedTimedOut", "Timed out waiting to be resumed")
        return Resumed(job, answers, [late.as_result()]) if lenient else Refused(late)
    return Wait(missing, None)


def shown(answer: Answer) -> str:
    return "unknown" if answer.approver == NOBODY else answer.approver


def waiting_state(run: FlowRun, missing: int) -> Doc:
    before = run.status["modules"][run.index - 1]["job"]
    return {"type": "WaitingForEvents", "id": run.state["id"], "count": missing, "job": before}
