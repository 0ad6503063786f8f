import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from engine.flow.expressions import Scope, is_true
from engine.flow.run import NIL, Doc, FlowRun, Results, transform
from engine.store.items import Versions
from engine.store.jobs import Job, Jobs


@dataclass
class Step:
    """One module of a running flow, with all that its kind may need."""

    run: FlowRun
    module: Doc
    state: Doc
    jobs: Jobs
    scripts: Versions
    flows: Versions
    results: Results

    @cached_property
    def scope(self) -> Scope:
        return self.results.scope(self.run)

    @property
    def value(self) -> Doc:
        value: Doc = self.module["value"]
        return value

    async def timeout(self) -> float | None:
        seconds = await transform(self.module.get("timeout"), self.scope)
        return float(seconds) if seconds else None


@dataclass
class Push:
    """Start these jobs; `state` becomes the module's status."""

    jobs: list[Job]
    state: Doc


@dataclass
class End:
    success: bool
    state: Doc
    stopped: Doc | None = None
    skipped: bool = False


class Kind(Protocol):
    own_stop: bool
    """Whether `stop_after_if` is this kind's own affair (it leaves a loop) or the flow's."""

    async def start(self, step: Step) -> Push | End: ...

    async def proceed(self, step: Step) -> Push | End | None:
        """Called when a child may have ended; None means: still waiting."""


class Leaf:
    """Kinds that are exactly one child job."""

    own_stop = False

    async def proceed(self, step: Step) -> Push | End | None:
        child = step.jobs.get(step.state["job"])
        if child is None or not child.done:
            return None
        return End(bool(child.success), step.state, skipped=bool(step.state.get("skipped")))


def single(job: Job, **extra: Any) -> Push:
    return Push([job], {"type": "WaitingForExecutor", "id": job.step_id, "job": job.id, **extra})


def nothing(step: Step, **extra: Any) -> End:
    """A loop or branchall with nothing to do."""
    state = {"id": step.state["id"], "job": NIL, "flow_jobs": [], "flow_jobs_success": [], **extra}
    return End(True, state)


def stopped_early(job: Job) -> Doc | None:
    """How a body ended before its last step, if it did."""
    stopped: Doc | None = json.loads(job.flow_status or "{}").get("embedded", {}).get("stopped")
    return stopped


@dataclass
class Batch:
    """Children of a loop or branchall, in order."""

    step: Step
    ids: list[str] = field(default_factory=list)
    successes: list[bool | None] = field(default_factory=list)

    @classmethod
    def of(cls, step: Step) -> "Batch":
        ids = step.state["flow_jobs"]
        return cls(step, ids, step.jobs.successes(ids))

    @property
    def open(self) -> int:
        return sum(success is None for success in self.successes)

    def state(self) -> Doc:
        return self.step.state | {"flow_jobs_success": self.successes}

    def pushed(self, jobs: list[Job], **extra: Any) -> Push:
        ids = [*self.ids, *(job.id for job in jobs)]
        successes = self.successes + [None] * len(jobs)
        grown = {"job": ids[-1], "flow_jobs": ids, "flow_jobs_success": successes}
        return Push(jobs, self.step.state | {"type": "InProgress"} | grown | extra)

    async def leaves_loop(self) -> bool:
        """After an iteration: its body stopped early, or the loop's own condition says so."""
        last = self.step.jobs.get(self.ids[-1])
        if last is None or stopped_early(last):
            return True
        condition = self.step.module.get("stop_after_if")
        if not condition or not last.success:
            return False
        result = json.loads(last.result or "null")
        everything = self.step.jobs.results(self.ids) if "all_iters" in condition["expr"] else None
        scope = self.step.scope.with_values(
            result=result, previous_result=result, all_iters=everything
        )
        return await is_true(condition["expr"], scope)
