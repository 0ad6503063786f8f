"""One step of a run, as people see it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from gateway.clients.windmill_jobs import Job, ModuleStatus

FAILURE = "failure"
WAITS = "WaitingForEvents"
NOT_STARTED = ModuleStatus(type="WaitingForPriorSteps")


class StepState(StrEnum):
    waiting = "waiting"
    running = "running"
    done = "done"
    failed = "failed"
    skipped = "skipped"


class Asks(StrEnum):
    target = "target"
    approval = "approval"


@dataclass(frozen=True)
class Step:
    """`id` is the way to it: `eu/0/chat/validate`. Not `fatal`: the run went on without it."""

    id: str
    title: str
    state: StepState
    started_at: datetime | None = None
    seconds: float | None = None
    detail: str = ""
    job_id: str | None = None
    fatal: bool = True

    @property
    def ended(self) -> bool:
        """Whether it says nothing more."""
        return self.state not in (StepState.waiting, StepState.running)


@dataclass(frozen=True)
class Question:
    """What a flow of the run waits to be told, and by which step it asked.

    `plan`: what goes on once it is approved, a line each.
    """

    asks: Asks
    step: str
    flow_id: str
    job_id: str
    message: str = ""
    plan: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where in a run: the ids that lead there."""

    ids: tuple[str, ...] = ()
    title: str = ""
    fatal: bool = True

    @property
    def path(self) -> str:
        return "/".join(self.ids)

    def below(self, id: str, title: str = "") -> "Place":
        named = " › ".join([*self.ids, title or id])
        return Place((*self.ids, id), named, self.fatal)

    def titled(self, title: str) -> "Place":
        return replace(self.below("", title), ids=self.ids)

    def survived(self) -> "Place":
        return replace(self, fatal=False)


def step_of(place: Place, status: ModuleStatus, job: Job | None, ended: bool) -> Step:
    # While the flow waits for an answer, `job` is the step before this one.
    job = None if status.type == WAITS else job
    asks = not ended and (status.type == WAITS or (job is not None and waits(job)))
    return Step(
        id=place.path,
        title=place.title,
        state=StepState.waiting if asks else _state(status, job, ended),
        started_at=job.started_at if job else None,
        seconds=_seconds(job) if job else None,
        detail="waits for an answer" if asks else _detail(job),
        job_id=job.id if job else None,
        fatal=place.fatal,
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
    return job.reason.message if job and job.failed else ""


def _seconds(job: Job) -> float | None:
    if job.duration_ms is not None:
        return round(job.duration_ms / 1000, 3)
    if job.started_at is None:
        return None
    return round((datetime.now(UTC) - job.started_at).total_seconds(), 3)
