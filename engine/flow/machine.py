"""Moves a flow forward. Each move reads the store, decides, and writes one transaction: a kill
between two moves loses nothing, because the next `advance` finds the same state again."""

import json
import time
from dataclasses import dataclass
from typing import Any

from engine.errors import (
    CannotStart,
    ExpressionFailed,
    FlowBroken,
    JobError,
    PredicateFailed,
    StepFailed,
)
from engine.flow import retry, suspend
from engine.flow.expressions import Scope, is_true
from engine.flow.kinds import KINDS
from engine.flow.kinds.base import End, Leaf, Push, Step, memo_of, single
from engine.flow.run import NIL, STARTED, Doc, FlowRun, Results, after, transform, waiting
from engine.store.items import Versions
from engine.store.jobs import Job, Jobs

_JOB_KINDS = {"script": "script", "rawscript": "preview", "flow": "flow"}


@dataclass(frozen=True)
class Stop:
    skip: bool
    error: Doc | None = None


class FlowMachine:
    def __init__(self, jobs: Jobs, scripts: Versions, flows: Versions, results: Results) -> None:
        self._jobs, self._scripts, self._flows, self._results = jobs, scripts, flows, results

    async def advance(self, flow_id: str) -> None:
        while await self._move(flow_id):
            pass

    async def _move(self, flow_id: str) -> bool:
        """One transition; False when there is nothing to do until something happens."""
        job = self._jobs.get(flow_id)
        if job is None or job.state != "running":
            return False
        run = FlowRun.load(job)
        if job.canceled:
            return self._end_canceled(run)
        if not run.modules and not run.at_start:
            return self._nothing_to_do(run)
        stores = (self._jobs, self._scripts, self._flows, self._results)
        step = Step(run, run.module, run.state, *stores)
        try:
            return await self._step(step)
        except FlowBroken as error:
            return self._finish(run, error.as_result(), success=False)

    def _nothing_to_do(self, run: FlowRun) -> bool:
        """Windmill shows it as done by the handler, which no flow needs to have for that."""
        run.set_state({**run.state, "type": "Success", "job": NIL})
        return self._finish(run, run.args, success=True)

    async def _step(self, step: Step) -> bool:
        try:
            started = step.run.state["type"] in STARTED
            return await (self._proceed(step) if started else self._start(step))
        except StepFailed as error:
            kind = _JOB_KINDS.get(step.value["type"], "identity")
            return await self._failed(step, self._at_once_failed(step, error.as_result(), kind))
        except CannotStart as error:
            return await self._cannot_start(step, error)

    async def _cannot_start(self, step: Step, error: CannotStart) -> bool:
        """Found when the flow comes from the queue, the step has failed; found when another step
        has just ended, the flow ends and no handler is asked."""
        if step.pulled:
            told = JobError("Anyhow", f"Error: {error}").as_result()
            return await self._failed(step, self._at_once_failed(step, told))
        if step.run.status["retry"]["failed_jobs"]:
            self._settle(step.run, step.run.state, "Failure")
        raise FlowBroken(str(error))

    def _end_canceled(self, run: FlowRun) -> bool:
        if self._jobs.has_open_children(run.job.id):
            return False
        if run.state["type"] != "Success":
            run.set_state({**run.state, "type": "Failure"})
        return self._finish(run, json.loads(run.job.canceled_result()), success=False)

    async def _start(self, step: Step) -> bool:
        suspension = suspend.check(step.run, self._jobs)
        if isinstance(suspension, suspend.Refused):
            end = self._at_once_failed(step, suspension.error.as_result())
            return await self._failed(step, end, final=True)
        if isinstance(suspension, suspend.Wait):
            return self._wait(step.run, suspension)
        if isinstance(suspension, suspend.Resumed):
            return await self._resume(step.run, suspension)
        if step.run.job.wake_at and step.run.job.wake_at > time.time():
            return False
        if await self._skips_all(step):
            return self._finish(step.run, "stopped early", success=True, skipped=True)
        return await self._apply(step, await self._begin(step))

    async def _skips_all(self, step: Step) -> bool:
        """`skip_expr` of the flow, asked before its first step."""
        run = step.run
        if not run.value.get("skip_expr") or run.index != 0 or run.memo.get("asked"):
            return False
        run.memo["asked"] = True
        if not await is_true(run.value["skip_expr"], Scope({"flow_input": run.args})):
            return False
        run.set_state({**run.state, "type": "Success", "job": NIL, "skipped": True})
        return True

    def _wait(self, run: FlowRun, suspension: suspend.Wait) -> bool:
        if suspension.until or run.state["count"] != suspension.missing:
            run.set_state(suspend.waiting_state(run, suspension.missing))
            self._save(run, suspend=suspension.missing, wake_at=suspension.until or run.job.wake_at)
        return False

    async def _resume(self, run: FlowRun, suspension: suspend.Resumed) -> bool:
        run.memo.update(
            resumed_step=run.index, resumed_job=suspension.job, verdict=suspension.verdict
        )
        approvers = [
            {"resume_id": answer.resume_id, "approver": suspend.shown(answer)}
            for answer in suspension.answers
        ]
        run.status["modules"][run.index - 1]["approvers"] = approvers
        run.set_state(waiting(run.module))
        delay = await self._sleep(run.modules[run.index - 1], run, self._results.previous(run))
        self._save(run, suspend=0, wake_at=delay and time.time() + delay)
        return True

    async def _begin(self, step: Step) -> Push | End:
        module = step.module
        if step.run.at_start:
            return await self._prepare(step)
        if step.run.status["retry"]["failed_jobs"]:
            return await self._try_again(step)
        mock = module.get("mock") or {}
        skipped = {"skipped": True} if await self._skips(step) else {}
        if mock.get("enabled"):
            return single(self._at_once(step, mock.get("return_value")), **skipped)
        if skipped:
            return single(self._at_once(step, step.scope.values["previous_result"]), **skipped)
        return await KINDS[step.value["type"]].start(step)

    async def _prepare(self, step: Step) -> Push | End:
        outcome = await KINDS[step.value["type"]].start(step)
        if isinstance(outcome, Push):
            outcome.jobs[0].args = step.run.job.args
        return outcome

    async def _skips(self, step: Step) -> bool:
        condition = step.module.get("skip_if")
        if not condition:
            return False
        try:
            return await is_true(condition["expr"], step.predicate)
        except PredicateFailed as error:
            raise CannotStart(str(error)) from error

    async def _try_again(self, step: Step) -> Push | End:
        """A retry has the arguments of the failed try: transforms are not run again."""
        failed = self._jobs.get(step.run.status["retry"]["failed_jobs"][-1])
        kind = KINDS[step.value["type"]]
        if failed is None or failed.kind == "identity" or "input_transforms" not in step.value:
            return await kind.start(step)
        step.module = {**step.module, "value": {**step.value, "input_transforms": {}}}
        outcome = await kind.start(step)
        if isinstance(outcome, Push):
            outcome.jobs[0].args = failed.args
        return outcome

    def _at_once(self, step: Step, result: Any) -> Job:
        return step.run.child("identity", None, {"previous_result": result}).end_now(result)

    def _at_once_failed(self, step: Step, result: Doc, kind: str = "identity") -> End:
        """A job that never ran holds the result, which names no step. Windmill shows it as a
        child of the flow only if it was to run something; of others it tells the state alone."""
        child = step.run.child(kind, step.value.get("path"), {})
        if kind == "identity":
            child.parent = NIL
        job = self._jobs.add(child.end_now(result, success=False))
        return End(False, {"id": step.state["id"], "job": job.id})

    async def _proceed(self, step: Step) -> bool:
        kind = KINDS[step.value["type"]]
        one_job = "flow_jobs" not in step.state and not isinstance(kind, Leaf)
        outcome = await (Leaf().proceed(step) if one_job else kind.proceed(step))
        return outcome is not None and await self._apply(step, outcome)

    async def _apply(self, step: Step, outcome: Push | End) -> bool:
        if isinstance(outcome, End):
            return await (
                self._succeeded(step, outcome) if outcome.success else self._failed(step, outcome)
            )
        with self._jobs.db.tx():
            if self._canceled_meanwhile(step.run):
                return True
            for job in outcome.jobs:
                self._jobs.add(job)
            step.run.set_state(outcome.state)
            self._save(step.run, wake_at=None)
        return True

    def _canceled_meanwhile(self, run: FlowRun) -> bool:
        """Expressions take time; a cancel that came in between must not find new steps."""
        job = self._jobs.get(run.job.id)
        return job is None or job.canceled

    async def _succeeded(self, step: Step, end: End) -> bool:
        run, result = step.run, self._results.of_state(end.state)
        if run.at_start:
            return self._prepared(run, end, result)
        try:
            stop = await self._stop(step, end, result)
        except PredicateFailed as error:
            return await self._failed(step, self._at_once_failed(step, {"error": str(error)}))
        if stop and stop.error:
            run.memo["stopped"] = {"skip": False}
            return await self._failed(step, self._at_once_failed(step, stop.error), final=True)
        skipped = {"skipped": True} if stop and stop.skip else {}
        self._settle(run, end.state | skipped, "Success")
        if run.at_end:
            run.memo["handled"] = True
            return self._finish(
                run, result, success=isinstance(result, dict) and result.get("recover") is True
            )
        if stop:
            run.memo["stopped"] = {"skip": stop.skip}
            return self._finish(run, result, success=True, skipped=stop.skip)
        return await self._next_step(step, result)

    def _prepared(self, run: FlowRun, end: End, result: Any) -> bool:
        args = result if isinstance(result, dict) else {"value": result}
        self._settle(run, end.state, "Success")
        run.status["step"] = 0
        self._save(run, args=json.dumps(args))
        return True

    async def _next_step(self, step: Step, result: Any) -> bool:
        run = step.run
        last = run.index == len(run.modules) - 1
        delay = None
        if not last and not step.module.get("suspend"):
            delay = await self._sleep(step.module, run, result)
        run.status["step"] += 1
        if last:
            return self._finish(run, result, success=True)
        self._save(run, wake_at=delay and time.time() + delay)
        return True

    async def _stop(self, step: Step, end: End, result: Any) -> Stop | None:
        if step.run.at_end or end.skipped:
            return None
        if end.stopped:
            return Stop(skip=end.stopped["skip"])
        over_all = KINDS[step.value["type"]].own_stop and not end.empty
        condition = step.module.get("stop_after_all_iters_if" if over_all else "stop_after_if")
        scope = after(result, step.scope).with_values(result=result)
        scope = scope.with_result_of(step.state["id"], result)
        if not condition or not await is_true(condition["expr"], scope):
            return None
        skip = bool(condition.get("skip_if_stopped"))
        return Stop(skip, None if skip else _stop_error(condition, result))

    async def _failed(self, step: Step, end: End, final: bool = False) -> bool:
        run, module, result = step.run, step.module, self._results.of_state(end.state)
        try:
            delay = None if final else await retry.next_delay(step, result)
        except PredicateFailed as error:
            end, delay = self._at_once_failed(step, {"error": f"Error: {error}"}), None
            result = self._results.of_state(end.state)
        if delay is not None:
            return self._schedule_retry(run, end, delay)
        self._settle(run, end.state, "Failure")
        if run.at_start:
            return self._finish(run, result, success=False)
        if module.get("continue_on_error") and not run.at_end and not final:
            if step.value["type"] == "branchall":
                raise FlowBroken("Bad request: Unrecognized module status for BranchAll Failure")
            return await self._next_step(step, result)
        if run.at_end or self._handled_below(end.state):
            run.memo["handled"] = True
        elif run.value.get("failure_module"):
            run.status["failure_module"]["parent_module"] = end.state["id"]
            run.status["step"] = len(run.modules)
            self._save(run, wake_at=None)
            return True
        return self._finish(run, result, success=False)

    def _schedule_retry(self, run: FlowRun, end: End, delay: float) -> bool:
        tries = run.status["retry"]
        tries["fail_count"] += 1
        tries["failed_jobs"].append(end.state["job"])
        run.set_state(waiting(end.state) | {"failed_retries": list(tries["failed_jobs"])})
        self._save(run, wake_at=time.time() + delay if delay else None)
        return True

    def _settle(self, run: FlowRun, state: Doc, kind: str) -> None:
        retries = run.status["retry"]["failed_jobs"]
        run.set_state({**state, "type": kind, **({"failed_retries": retries} if retries else {})})
        run.status["retry"] = {"fail_count": 0, "failed_jobs": []}

    def _handled_below(self, state: Doc) -> bool:
        """A loop or branch body ran its own copy of the failure module: once is enough."""
        bodies = (self._jobs.get(job_id) for job_id in state.get("flow_jobs") or [state["job"]])
        return any(
            body and body.kind in ("flownode", "flowpreview") and memo_of(body).get("handled")
            for body in bodies
        )

    async def _sleep(self, module: Doc, run: FlowRun, result: Any) -> float | None:
        """Seconds to wait after a step; an expression sees the flow's arguments and the result."""
        if not module.get("sleep"):
            return None
        scope = after(result, Scope({"flow_input": run.args, "result": result}))
        try:
            seconds = await transform(module["sleep"], scope)
        except ExpressionFailed as error:
            raise FlowBroken(f"Expected a number value, had error instead: {error}") from error
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
            raise FlowBroken(f"Expected an integer, found: {_as_rust(seconds)}")
        return float(seconds) or None

    def _save(self, run: FlowRun, **columns: Any) -> None:
        self._jobs.update(run.job.id, flow_status=json.dumps(run.status), **columns)

    def _finish(self, run: FlowRun, result: Any, success: bool, skipped: bool = False) -> bool:
        with self._jobs.db.tx():
            self._save(run)
            self._jobs.finish(run.job.id, json.dumps(result), success, skipped)
        return False


def _as_rust(value: Any) -> str:
    """A JSON value as Windmill's errors show it."""
    if value is None:
        return "Null"
    return f"String({json.dumps(value)})" if isinstance(value, str) else json.dumps(value)


def _stop_error(condition: Doc, result: Any) -> Doc | None:
    message = condition.get("error_message")
    if message is None:
        return None
    told = JobError("EarlyStopError", message or f"stop after if: {condition['expr']}").as_result()
    if condition.get("error_include_result"):
        told["error"]["result"] = result
    return told
