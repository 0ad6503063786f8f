import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from engine.errors import CannotStart, PredicateFailed
from engine.flow.expressions import Scope, is_true
from engine.flow.run import NIL, Doc, FlowRun, Results, after, kind_of, transform
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
    def predicate(self) -> Scope:
        """What a condition sees: `result` is the result of the step before."""
        return self.scope.with_values(result=self.scope.values["previous_result"])

    @property
    def value(self) -> Doc:
        value: Doc = self.module["value"]
        return value

    @property
    def pulled(self) -> bool:
        """Whether the flow came from the queue for this step, not from the end of another one."""
        run = self.run
        first = run.index <= 0 and not run.status["retry"]["failed_jobs"]
        return first or bool(run.job.wake_at) or run.memo.get("resumed_step") == run.index

    async def whole(self, how: Any, kind: str) -> int | None:
        """What a transform of the flow itself gives, when that must be a whole number."""
        value = await transform(how, self.scope)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        found = f"invalid type: {kind_of(value)}, expected {kind}. Value was: {json.dumps(value)}"
        raise CannotStart(f"Error parsing result as {kind}: {found}")

    def reused(self, job: Job, ttl: int | None) -> Job:
        """The job, ended already where the same work was done within `ttl` seconds."""
        deployed = self.run.job.kind != "flowpreview"
        seconds = ttl or (self.module.get("cache_ttl") if deployed else None)
        return self.jobs.reused(job, seconds) if seconds else job

    async def timeout(self) -> float | None:
        return await self.whole(self.module.get("timeout"), "i32") or None


@dataclass
class Push:
    """Start these jobs; `state` becomes the module's status."""

    jobs: list[Job]
    state: Doc


@dataclass
class End:
    """`stopped`: its body stopped early. `skipped`: it did not run. `empty`: it had no bodies."""

    success: bool
    state: Doc
    stopped: Doc | None = None
    skipped: bool = False
    empty: bool = False


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
        fine = bool(child.success) and not recovered(child)
        return End(fine, step.state, skipped=bool(step.state.get("skipped")))


def single(job: Job, **extra: Any) -> Push:
    return Push([job], {"type": "WaitingForExecutor", "id": job.step_id, "job": job.id, **extra})


def nothing(step: Step, **extra: Any) -> End:
    """A loop or branchall with nothing to do."""
    state = {"id": step.state["id"], "job": NIL, "flow_jobs": [], "flow_jobs_success": [], **extra}
    return End(True, state, empty=True)


def memo_of(job: Job) -> Doc:
    memo: Doc = json.loads(job.flow_status or "{}").get("embedded", {})
    return memo


def stopped_early(job: Job) -> Doc | None:
    """How a body ended before its last step, if it did."""
    stopped: Doc | None = memo_of(job).get("stopped")
    return stopped


def recovered(job: Job) -> bool:
    """A flow whose own handler recovered is a success, but to the flow around it a failure."""
    return job.is_flow and bool(memo_of(job).get("handled"))


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

    def stopped(self) -> Doc | None:
        last = self.step.jobs.get(self.ids[-1])
        return stopped_early(last) if last else None

    def end(self, success: bool) -> End:
        return End(success, self.state())

    async def end_or(
        self, fine: bool, following: Callable[[], Awaitable[Push]] | None
    ) -> End | Push:
        """After an iteration in order; a condition that throws makes that iteration a failure."""
        try:
            if fine and following and not await self.leaves_loop():
                return await following()
        except PredicateFailed:
            self.successes[-1] = fine = False
        return self.end(fine)

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
        scope = after(result, self.step.scope).with_values(result=result, all_iters=everything)
        return await is_true(condition["expr"], scope)
