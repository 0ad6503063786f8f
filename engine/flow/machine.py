"""Moves a flow forward. Each move reads the store, decides, and writes one transaction: a kill
between two moves loses nothing, because the next `advance` finds the same state again."""

import json
import time
from dataclasses import dataclass
from typing import Any

from engine.errors import JobError
from engine.flow import retry, suspend
from engine.flow.expressions import Scope, is_true
from engine.flow.kinds import KINDS
from engine.flow.kinds.base import End, Leaf, Push, Step, single
from engine.flow.run import STARTED, Doc, FlowRun, Results, first_error, transform, waiting
from engine.store.items import Versions
from engine.store.jobs import Job, Jobs


@dataclass(frozen=True)
class Stop:
    skip: bool
    error: str | None = None


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
        if not run.modules:
            return self._finish(run, run.args, success=True)
        stores = (self._jobs, self._scripts, self._flows, self._results)
        step = Step(run, run.module, run.state, *stores)
        try:
            return await (
                self._proceed(step) if run.state["type"] in STARTED else self._start(step)
            )
        except JobError as error:
            job = self._jobs.add(self._failed_at_once(step, error))
            return await self._failed(step, End(False, {"id": step.state["id"], "job": job.id}))

    def _end_canceled(self, run: FlowRun) -> bool:
        if len(self._jobs.open_descendants(run.job.id)) > 1:
            return False
        return self._finish(run, json.loads(run.job.canceled_result()), success=False)

    async def _start(self, step: Step) -> bool:
        suspension = suspend.check(step.run, self._jobs)
        if isinstance(suspension, suspend.Refused):
            return self._finish(step.run, suspension.result, success=False)
        if isinstance(suspension, suspend.Wait):
            return self._wait(step.run, suspension)
        if isinstance(suspension, suspend.Resumed):
            return await self._resume(step.run, suspension)
        if step.run.job.wake_at and step.run.job.wake_at > time.time():
            return False
        return await self._apply(step, await self._begin(step))

    def _wait(self, run: FlowRun, suspension: suspend.Wait) -> bool:
        if suspension.until or run.state["count"] != suspension.missing:
            run.set_state(suspend.waiting_state(run, suspension.missing))
            self._save(run, suspend=suspension.missing, wake_at=suspension.until or run.job.wake_at)
        return False

    async def _resume(self, run: FlowRun, suspension: suspend.Resumed) -> bool:
        run.memo.update(resumed_step=run.index, resumed_job=suspension.job)
        approvers = [
            {"resume_id": answer.resume_id, "approver": answer.approver}
            for answer in suspension.answers
        ]
        run.status["modules"][run.index - 1]["approvers"] = approvers
        run.set_state(waiting(run.module))
        delay = await self._sleep(run.modules[run.index - 1], self._results.scope(run))
        self._save(run, suspend=0, wake_at=delay and time.time() + delay)
        return True

    async def _begin(self, step: Step) -> Push | End:
        module = step.module
        if step.run.status["retry"]["failed_jobs"]:
            return await self._try_again(step)
        if module.get("skip_if") and await is_true(module["skip_if"]["expr"], step.scope):
            return single(self._at_once(step, step.scope.values["previous_result"]), skipped=True)
        if (module.get("mock") or {}).get("enabled"):
            return single(self._at_once(step, module["mock"].get("return_value")))
        return await KINDS[step.value["type"]].start(step)

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

    def _failed_at_once(self, step: Step, error: JobError) -> Job:
        result = error.as_result()
        result["error"]["step_id"] = step.state["id"]
        return step.run.child("identity", None, {}).end_now(result, success=False)

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
        stop = await self._stop(step, end, result)
        if stop and stop.error:
            job = self._jobs.add(self._failed_at_once(step, JobError("EarlyStopError", stop.error)))
            return await self._failed(
                step, End(False, {"id": step.state["id"], "job": job.id}), final=True
            )
        self._settle(run, end.state, "Success")
        if run.at_end:
            run.memo["handled"] = True
            return self._finish(
                run, result, success=isinstance(result, dict) and result.get("recover") is True
            )
        if stop:
            run.memo["stopped"] = {"skip": stop.skip}
            return self._finish(run, result, success=True, skipped=stop.skip)
        return await self._next_step(step, result)

    async def _next_step(self, step: Step, result: Any) -> bool:
        run = step.run
        last = run.index == len(run.modules) - 1
        delay = None
        if not last and not step.module.get("suspend"):
            delay = await self._sleep(
                step.module, step.scope.with_values(result=result, previous_result=result)
            )
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
        own = KINDS[step.value["type"]].own_stop
        key = "stop_after_all_iters_if" if own else "stop_after_if"
        condition = step.module.get(key)
        scope = step.scope.with_values(result=result, previous_result=result)
        if not condition or not await is_true(condition["expr"], scope):
            return None
        message = condition.get("error_message")
        error = None if message is None else f"Flow early stop: {message or condition['expr']}"
        return Stop(bool(condition.get("skip_if_stopped")), error)

    async def _failed(self, step: Step, end: End, final: bool = False) -> bool:
        run, module, result = step.run, step.module, self._results.of_state(end.state)
        failures = run.status["retry"]["fail_count"]
        delay = None if final else await retry.next_delay(module, failures, result, step.scope)
        if delay is not None:
            return self._schedule_retry(run, end, delay)
        self._settle(run, end.state, "Failure")
        if module.get("continue_on_error") and not run.at_end and not final:
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
        self._save(run, wake_at=time.time() + delay)
        return True

    def _settle(self, run: FlowRun, state: Doc, kind: str) -> None:
        retries = run.status["retry"]["failed_jobs"]
        run.set_state({**state, "type": kind, **({"failed_retries": retries} if retries else {})})
        run.status["retry"] = {"fail_count": 0, "failed_jobs": []}

    def _handled_below(self, state: Doc) -> bool:
        """A loop or branch body ran its own copy of the failure module: once is enough."""
        bodies = (self._jobs.get(job_id) for job_id in state.get("flow_jobs") or [state["job"]])
        return any(
            body
            and body.kind in ("flownode", "flowpreview")
            and not body.success
            and _memo(body).get("handled")
            for body in bodies
        )

    async def _sleep(self, module: Doc, scope: Scope) -> float | None:
        seconds = await transform(module.get("sleep"), scope)
        if seconds is not None and not isinstance(seconds, int | float):
            raise JobError(
                "ExecutionErr",
                f"sleep of step {module['id']}: expected a number, found {seconds!r}",
            )
        return float(seconds) if seconds else None

    def _save(self, run: FlowRun, **columns: Any) -> None:
        self._jobs.update(run.job.id, flow_status=json.dumps(run.status), **columns)

    def _finish(self, run: FlowRun, result: Any, success: bool, skipped: bool = False) -> bool:
        if not success and not run.memo.get("handled"):
            _name_path(run, result)
        with self._jobs.db.tx():
            self._save(run)
            self._jobs.finish(run.job.id, json.dumps(result), success, skipped)
        return False


def _memo(job: Job) -> Doc:
    memo: Doc = json.loads(job.flow_status or "{}").get("embedded", {})
    return memo


def _name_path(run: FlowRun, result: Any) -> None:
    """Errors of nested flows say where they happened, from the outermost step inwards."""
    error = first_error(result)
    if run.job.step_id and isinstance(error, dict):
        inner = error.get("step_path") or error.get("step_id")
        error["step_path"] = f"{run.job.step_id}/{inner}" if inner else run.job.step_id
