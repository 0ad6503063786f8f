"""From a run's job down through every flow, loop and branch that it started, to its steps.

Only what every Windmill tells is relied on: jobs, their parents and the status of flows. All flows
of one level are asked about at once.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from gateway.clients.windmill import Windmill
from gateway.clients.windmill_jobs import NO_JOB, FlowStatus, Job, ModuleStatus
from gateway.runs.family import Family, family_of
from gateway.runs.flow_modules import IF_ASKED, Kind, is_own, kind_of, place_of
from gateway.runs.steps import (
    FAILURE,
    NOT_STARTED,
    WAITS,
    Asks,
    Place,
    Question,
    Step,
    StepState,
    step_of,
    waits,
)
from windmill.scripts.model.base.step_titles import DEPLOYMENT
from windmill.scripts.model.base.windmill_paths import DEPLOY

Value = Mapping[str, Any]


@dataclass(frozen=True)
class Progress:
    """`flows` tells where in the run each of its flow jobs stands."""

    steps: list[Step] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    flows: dict[str, str] = field(default_factory=dict)


async def progress_of(windmill: Windmill, job: Job | None) -> Progress:
    """Raises no error for what has not begun yet: those steps are waiting."""
    if job is None:
        return Progress()
    walk = _Walk(await family_of(windmill, job))
    steps = await walk.flow(job, Place())
    return Progress(steps, walk.questions, walk.flows)


@dataclass(frozen=True)
class _Module:
    """One module of a flow that has begun, with that flow and the jobs which it started."""

    value: Value
    status: ModuleStatus
    asked: bool
    flow: Job
    children: Mapping[str, Job]
    place: Place

    @property
    def ended(self) -> bool:
        return self.flow.completed

    @property
    def own_place(self) -> Place:
        return place_of(self.value, self.inner_place)

    @property
    def inner_place(self) -> Place:
        """A failure below that this module outlived did not end the run."""
        outlived = self.status.type == "Success" or self.value.get("continue_on_error")
        return self.place.survived() if outlived else self.place

    @property
    def job_id(self) -> str | None:
        """While the flow waits for an answer, `job` is the step before this one."""
        return None if self.status.type == WAITS else self.status.job


class _Walk:
    def __init__(self, family: Family) -> None:
        self.family = family
        self.questions: list[Question] = []
        self.flows: dict[str, str] = {}
        self._stored: dict[str, asyncio.Task[Value]] = {}

    async def flow(self, job: Job, place: Place) -> list[Step]:
        value = job.raw_flow or await self._definition(job.script_path or "")
        return await self._begun(job, value, place)

    async def _definition(self, path: str) -> Value:
        if path not in self._stored:
            self._stored[path] = asyncio.create_task(self.family.definition(path))
        return await self._stored[path]

    async def _begun(self, job: Job, value: Value, place: Place) -> list[Step]:
        self.flows[job.id] = place.path
        children = await self.family.children(job)
        status = job.flow_status or FlowStatus()
        modules = [
            _Module(module, now, waits_after, job, children, place)
            for module, now, waits_after in _with_status(value.get("modules", ()), status, children)
        ]
        steps = await _joined(self._module(module) for module in modules)
        return [*steps, *await self._failure(job, value, children, place)]

    async def _failure(
        self, job: Job, value: Value, children: Mapping[str, Job], place: Place
    ) -> list[Step]:
        status = job.flow_status.failure_module if job.flow_status else None
        if status is None or status.job is None:
            return []
        title = (value.get("failure_module") or {}).get("summary") or "Failure"
        ran = await self.family.job(status.job, children.get(status.job))
        return [step_of(place.below(FAILURE, title), status, ran, job.completed)]

    async def _module(self, module: _Module) -> list[Step]:
        match kind_of(module.value):
            case Kind.question:
                return await self._question(module)
            case Kind.flow:
                return await self._subflow(module)
            case Kind.loop:
                return await self._loop(module)
            case Kind.branches:
                return await self._branches(module)
            case Kind.branch:
                return await self._branch(module)
            case Kind.step:
                return await self._step(module)

    async def _step(self, module: _Module) -> list[Step]:
        listed = module.children.get(module.job_id or "")
        # What a flow of one step went through is shown only while it waits.
        known = listed and listed.completed and listed.success
        job = listed if known else await self._job(module, module.job_id)
        step = step_of(module.own_place, module.status, job, module.ended)
        if job and job.is_flow and job.failed:
            return await self._failed_flow(module, job, step)
        if job and waits(job):
            self._asks_for_target(job, step)
        elif module.status.type == WAITS and not module.ended:
            self._asks_for_target(module.flow, step)
        chosen = module.status.branch_chosen
        matters = step.state == StepState.failed or (chosen and chosen.type == "branch")
        return [step] if matters or not is_own(module.value) else []

    async def _failed_flow(self, module: _Module, flow: Job, step: Step) -> list[Step]:
        """A branch has the failure module of its flow run in itself, and gives what that gave."""
        culprit = await self._culprit(flow)
        told = replace(step, detail=culprit.reason.message, job_id=culprit.id)
        children = await self.family.children(flow)
        value = {"failure_module": {"summary": DEPLOYMENT[FAILURE]}}
        return [told, *await self._failure(flow, value, children, module.place)]

    async def _culprit(self, flow: Job) -> Job:
        """The job whose error ended this flow; the flow itself where none can be named."""
        modules = flow.flow_status.modules if flow.flow_status else ()
        failed = next((each for each in modules if each.type == "Failure"), None)
        if failed is None or failed.job in (None, NO_JOB):
            return flow
        listed = (await self.family.children(flow)).get(failed.job)
        job = await self.family.job(failed.job, listed)
        if job is None or not job.failed:
            return flow
        return await self._culprit(job) if job.is_flow else job

    def _asks_for_target(self, flow: Job, step: Step) -> None:
        modules = flow.flow_status.modules if flow.flow_status else ()
        asking = next(m.job for m in modules if m.type == WAITS)
        self.questions.append(Question(Asks.target, step.id, flow.id, asking or ""))

    async def _question(self, module: _Module) -> list[Step]:
        """The step asks and is done at once; the flow waits before the next."""
        place = module.own_place
        job = module.children.get(module.status.job or "")
        step = step_of(place, module.status, job, module.ended)
        if not module.asked:
            return [step]
        if module.ended:
            refused = module.flow.reason.message
            return [replace(step, state=StepState.failed, detail=refused, job_id=module.flow.id)]
        given = module.value["value"].get("input_transforms", {})
        message = str(given.get("message", {}).get("value", ""))
        job_id, flow_id = module.status.job or "", module.flow.id
        plan = await self._plan(job_id) if "plan" in given else ()
        self.questions.append(Question(Asks.approval, place.path, flow_id, job_id, message, plan))
        return [replace(step, state=StepState.waiting, detail=f"waits for an answer: {message}")]

    async def _plan(self, job_id: str) -> tuple[str, ...]:
        """Lists show jobs without their results."""
        job = await self.family.windmill.job(job_id)
        result = job.result if job and isinstance(job.result, dict) else {}
        return tuple(map(str, result.get("plan") or ()))

    async def _subflow(self, module: _Module) -> list[Step]:
        path = module.value["value"].get("path", "")
        place = inside(module.value, module.inner_place)
        job = await self._job(module, module.job_id)
        if job is None:
            return await self._to_come(await self._definition(path), place, module.ended)
        if not job.is_flow:
            return await self._step(module)
        return await self.flow(job, place)

    async def _loop(self, module: _Module) -> list[Step]:
        jobs = module.status.flow_jobs or ()
        itered = (module.status.iterator.itered if module.status.iterator else None) or ()
        count = max(len(jobs), len(itered))
        if module.status.type == WAITS or not count:
            return await self._step(module)
        place, modules = module.own_place, module.value["value"].get("modules", ())
        return await _joined(
            self._body(module, jobs[index : index + 1], modules, place.below(str(index)))
            for index in range(count)
        )

    async def _branches(self, module: _Module) -> list[Step]:
        jobs = module.status.flow_jobs or ()
        if module.status.type == "Failure" and not jobs:
            return await self._step(module)
        branches = module.value["value"].get("branches", ())
        return await _joined(
            self._body(module, jobs[index : index + 1], branch["modules"], module.inner_place)
            for index, branch in enumerate(branches)
        )

    async def _branch(self, module: _Module) -> list[Step]:
        branches = module.value["value"].get("branches", ())
        chosen = module.status.branch_chosen
        if chosen is None and module.status.type == "Failure":
            return await self._step(module)
        taken = branches[chosen.branch if chosen else 0]["modules"]
        if module.value["id"] == IF_ASKED and not (chosen and chosen.type == "branch"):
            return []
        if chosen and chosen.type == "default":
            return await self._to_come({"modules": taken}, module.place, ended=True)
        jobs = (module.job_id,) if module.job_id else ()
        return await self._body(module, jobs, taken, module.inner_place)

    async def _body(
        self, module: _Module, jobs: tuple[str, ...], modules: list[Value], place: Place
    ) -> list[Step]:
        """Of a loop or branch; one plain step is not always wrapped in a flow of its own."""
        job = await self._job(module, jobs[0] if jobs else None)
        if job is None:
            return await self._to_come({"modules": modules}, place, module.ended)
        if job.is_flow:
            return await self._begun(job, {"modules": modules}, place)
        kind = "InProgress" if not job.completed else "Success" if job.success else "Failure"
        status = ModuleStatus(type=kind, job=job.id)
        return [step_of(place_of(modules[0], place), status, job, module.ended)] if modules else []

    async def _job(self, module: _Module, job_id: str | None) -> Job | None:
        if job_id is None or job_id == NO_JOB:
            return None
        return await self.family.job(job_id, module.children.get(job_id))

    async def _to_come(
        self, value: Value, place: Place, ended: bool, above: frozenset[str] = frozenset()
    ) -> list[Step]:
        """From the definition alone; what a loop will go over is not known yet."""
        return await _joined(
            self._module_to_come(module, place, ended, above) for module in value.get("modules", ())
        )

    async def _module_to_come(
        self, module: Value, place: Place, ended: bool, above: frozenset[str]
    ) -> list[Step]:
        value, kind = module["value"], kind_of(module)
        if kind == Kind.flow and value.get("path") not in above:
            path = value.get("path", "")
            definition = await self._definition(path)
            return await self._to_come(definition, inside(module, place), ended, above | {path})
        if kind in (Kind.branches, Kind.branch):
            branches = value["branches"][: 1 if kind == Kind.branch else None]
            return await _joined(self._to_come(each, place, ended, above) for each in branches)
        if module["id"] == IF_ASKED or (kind == Kind.step and is_own(module)):
            return []
        return [step_of(place_of(module, place), NOT_STARTED, None, ended)]


def _with_status(
    modules: Sequence[Value], status: FlowStatus, children: Mapping[str, Job]
) -> Iterator[tuple[Value, ModuleStatus, bool]]:
    """Each with whether the flow waits after it. What comes after a question has not begun."""
    waiting = {now.id: then for now, then in pairwise(status.modules) if then.type == WAITS}
    asked = {module["id"] for module in modules if kind_of(module) == Kind.question}
    after = [(now.id, then) for now, then in pairwise(status.modules) if now.id in asked]
    waiting |= {id: then for id, then in after if _refused(then, children)}
    stuck = {then.id for id, then in waiting.items() if id in asked}
    by_id = {each.id: each for each in status.modules}
    for module in modules:
        now = by_id.get(module["id"], NOT_STARTED)
        yield module, NOT_STARTED if now.id in stuck else now, now.id in waiting


def _refused(after_question: ModuleStatus, children: Mapping[str, Job]) -> bool:
    """Windmill tells of a refusal that the step which waited failed, without a job."""
    now = after_question
    return now.type == "Failure" and now.job not in children and not now.flow_jobs


def inside(module: Value, place: Place) -> Place:
    """A drawn pipeline's own flow does nothing but call the one that deploys it."""
    return place if module["value"].get("path") == DEPLOY else place_of(module, place)


async def _joined(parts: Iterable[Awaitable[list[Step]]]) -> list[Step]:
    return [step for steps in await asyncio.gather(*parts) for step in steps]
