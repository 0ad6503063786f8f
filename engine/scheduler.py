"""Gives due jobs to the executor, due flows to the interpreter, and sleeps in between."""

import asyncio
import contextlib
import json
import logging
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from typing import Any

from engine.flow.machine import FlowMachine
from engine.runtime.executor import Executor
from engine.runtime.groups import kill_orphans
from engine.settings import Settings, WorkerGroup
from engine.store.forgetting import forget_before
from engine.store.jobs import Job, Jobs, token_digest
from engine.triggers.schedules import Schedules

log = logging.getLogger(__name__)
DAY = 86400.0
LOOKED_FOR_OLD_EVERY = 3600.0


class Scheduler:
    def __init__(
        self,
        settings: Settings,
        jobs: Jobs,
        executor: Executor,
        machine: FlowMachine,
        schedules: Schedules,
        clock: Callable[[], float],
    ) -> None:
        self._settings, self._jobs, self._executor, self._machine = (
            settings,
            jobs,
            executor,
            machine,
        )
        self._schedules, self._clock = schedules, clock
        self._event = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._busy: Counter[str] = Counter()
        self._flows: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self.stopping = False
        self._background: set[asyncio.Task[None]] = set()
        self._waiters: defaultdict[str, list[asyncio.Event]] = defaultdict(list)

    def recover(self) -> None:
        """Take over from an earlier life, however it ended."""
        for job in self._jobs.running_leaves():
            killed = kill_orphans(job.id, job.pid, self._settings.db) if job.pid else 0
            log.info(
                "job %s was running in an earlier life: %d processes killed, queued again",
                job.id,
                killed,
            )
            if job.canceled:
                self.end_canceled(job)
            else:
                self._jobs.requeue(job.id)
        for flow in self._jobs.running_flows():
            self.wake(flow)

    async def run(self) -> None:
        self.recover()
        self._in_background(self._executor.prepare())
        if self._settings.retention_days:
            self._in_background(self._forget_old(self._settings.retention_days))
        while not self.stopping:
            self._event.clear()
            now = self._clock()
            self._dispatch(now)
            await self._sleep(self._jobs.next_due(now))

    async def _forget_old(self, days: int) -> None:
        while not self.stopping:
            gone = forget_before(self._jobs.db, self._clock() - days * DAY)
            if gone:
                log.info("%d jobs of runs that ended %d days ago are deleted", gone, days)
            await asyncio.sleep(0 if gone else LOOKED_FOR_OLD_EVERY)

    async def _sleep(self, until: float | None) -> None:
        timeout = None if until is None else max(0.0, until - self._clock())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), timeout)

    def notify(self) -> None:
        self._event.set()

    def _dispatch(self, now: float) -> None:
        for flow in self._jobs.due_flows(now, self._settings.tags):
            self.begin(flow, now)
            self.wake(flow.id)
        for flow_id in self._jobs.sleepers(now):
            self.wake(flow_id)
        for group in self._settings.groups:
            self._fill(group, now)

    def _fill(self, group: WorkerGroup, now: float) -> None:
        free = group.workers - self._busy[group.name]
        for job in self._jobs.due(now, group.tags, free) if free > 0 else []:
            job.token = secrets.token_urlsafe(24)
            claimed = {"state": "running", "started_at": now, "token": token_digest(job.token)}
            self._jobs.update(job.id, **claimed)
            self._busy[group.name] += 1
            self._running[job.id] = asyncio.create_task(self._run_leaf(job, group))

    def begin(self, flow: Job, now: float) -> None:
        with self._jobs.db.tx():
            self._jobs.update(flow.id, state="running", started_at=now)
            if refused := self._schedules.started(flow):
                self._jobs.finish(flow.id, json.dumps(refused), success=True, skipped=True)

    async def _run_leaf(self, job: Job, group: WorkerGroup) -> None:
        try:
            await self._executor.run(job)
        except Exception as error:
            log.exception("job %s: internal error", job.id)
            self._jobs.finish(job.id, internal_error(error), success=False)
        finally:
            del self._running[job.id]
            self._busy[group.name] -= 1
            if self.stopping:
                self._jobs.requeue(job.id)
            self.ended(job.id)
            self.notify()

    def ended(self, job_id: str) -> None:
        job = self._jobs.get(job_id)
        if job and job.done:
            log.info(
                "job %s %s %s",
                job.id,
                job.path or job.kind,
                "succeeded" if job.success else "failed",
            )
            for waiter in self._waiters.pop(job_id, []):
                waiter.set()
            if job.is_flow and job.root is None:
                self._executor.forget(job.id)
            if job.parent and job.step_id is not None:
                self.wake(job.parent)

    def wake(self, flow_id: str) -> None:
        """At most one advance of a flow at a time; a wake during one makes it look again."""
        if flow_id in self._flows:
            self._again.add(flow_id)
        elif not self.stopping:
            self._flows[flow_id] = asyncio.create_task(self._advance(flow_id))

    async def _advance(self, flow_id: str) -> None:
        try:
            self._again.add(flow_id)
            while flow_id in self._again:
                self._again.discard(flow_id)
                await self._machine.advance(flow_id)
        except Exception as error:
            log.exception("flow %s: internal error", flow_id)
            self._jobs.finish(flow_id, internal_error(error), success=False)
        finally:
            del self._flows[flow_id]
            self.ended(flow_id)
            self.notify()

    async def wait(self, job_id: str, seconds: float) -> Job | None:
        """The job once it is done, or as it is after `seconds`."""
        job = self._jobs.get(job_id)
        if job and not job.done and seconds > 0:
            done = asyncio.Event()
            self._waiters[job_id].append(done)
            try:
                await asyncio.wait_for(done.wait(), seconds)
            except TimeoutError:
                if done in self._waiters[job_id]:  # it may have ended in this very moment
                    self._waiters[job_id].remove(done)
        return self._jobs.get(job_id)

    def cancel(self, job_id: str, by: str, reason: str, force: bool = False) -> None:
        """Queued work ends at once, running work is asked then killed, flows end after it."""
        with self._jobs.db.tx():
            found = self._jobs.open_descendants(job_id)
            for job in found:
                self._jobs.update(job.id, canceled_by=by, canceled_reason=reason)
        for job in found:
            job.canceled_by, job.canceled_reason = by, reason
            if job.is_flow:
                self._cancel_flow(job)
            elif job.state == "queued" or force:
                self.end_canceled(job)
            if job.state == "running" and not job.is_flow:
                self._in_background(
                    self._executor.stop(job.id, 0 if force else self._settings.kill_grace)
                )

    def _cancel_flow(self, flow: Job) -> None:
        if flow.state == "queued":
            self.end_canceled(flow)
        else:
            self.wake(flow.id)

    def end_canceled(self, job: Job) -> None:
        self._jobs.finish(job.id, job.canceled_result(), success=False)
        self.ended(job.id)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def stop(self, grace: float = 2.0) -> None:
        self.stopping = True
        self.notify()
        for advance in self._flows.values():
            advance.cancel()
        await self._executor.stop_all(grace)
        # What has no process yet, an installation say, is simply dropped: it stays queued.
        tasks = [*self._running.values(), *self._flows.values()]
        _, late = await asyncio.wait(tasks, timeout=1) if tasks else ((), ())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def internal_error(error: Exception) -> str:
    return json.dumps({"error": {"name": "InternalError", "message": repr(error)}})
