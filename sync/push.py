"""Executes a plan: everything that is ready is written at once, what it needs before it."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from typing import Any

from .actions import Action, Verb
from .errors import InstanceError, PushFailed
from .instances.instance import Instance
from .items import Kind
from .plan import Plan
from .record import Entry, Record

WRITERS = 8
Progress = Callable[[Action, float], None]


@dataclass(frozen=True)
class PushResult:
    """What was written, and how long everything took."""

    written: tuple[Action, ...] = ()
    unchanged: int = 0
    seconds: float = 0.0

    def __add__(self, other: "PushResult") -> "PushResult":
        unchanged, seconds = self.unchanged + other.unchanged, self.seconds + other.seconds
        return PushResult((*self.written, *other.written), unchanged, seconds)

    def as_dict(self) -> dict[str, Any]:
        return {
            "written": [action.as_dict() for action in self.written],
            "unchanged": self.unchanged,
            "seconds": round(self.seconds, 3),
        }


def execute(plan: Plan, instance: Instance, on_progress: Progress) -> PushResult:
    started = time.monotonic()
    run = _Push(plan, instance, on_progress)
    run.write_everything()
    return PushResult(tuple(run.written), plan.count(Verb.unchanged), time.monotonic() - started)


class _Push:
    def __init__(self, plan: Plan, instance: Instance, on_progress: Progress) -> None:
        self.plan = plan
        self.instance = instance
        self.on_progress = on_progress
        self.versions: dict[str, str] = {}
        self.written: list[Action] = []
        self.failures: list[tuple[str, InstanceError]] = []

    def write_everything(self) -> None:
        # The record lives in the folder, and must tell what is about to be written.
        folders = [action for action in self.plan.writes if action.item.kind is Kind.folder]
        others = [action for action in self.plan.writes if action.item.kind is not Kind.folder]
        self._write_in_order(folders)
        if others:
            self._record(lambda: self._intent(others))
            self._write_in_order(others)
        if self.plan.writes or self.plan.adopts:
            self._record(self._outcome)

    def _write_in_order(self, actions: Sequence[Action]) -> None:
        by_key = {action.item.key: action for action in actions}
        order = TopologicalSorter(_graph(actions))
        order.prepare()
        ready: deque[str] = deque()
        running: dict[Future[tuple[str, float]], Action] = {}
        with ThreadPoolExecutor(WRITERS) as pool:
            while order.is_active():
                ready.extend(order.get_ready())
                # No more than can run: after a failure nothing that waits is begun.
                while ready and len(running) < WRITERS and not self.failures:
                    action = by_key[ready.popleft()]
                    running[pool.submit(self._write, action)] = action
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    action = running.pop(future)
                    if self._collect(action, future):
                        order.done(action.item.key)
        self._raise_failure()

    def _collect(self, action: Action, future: Future[tuple[str, float]]) -> bool:
        try:
            version, seconds = future.result()
        except InstanceError as error:
            self.failures.append((str(action.item.key), error))
            return False
        self.versions[action.item.key] = version
        self.written.append(action)
        self.on_progress(action, seconds)
        return True

    def _write(self, action: Action) -> tuple[str, float]:
        started = time.monotonic()
        version = self.instance.write(action)
        return version, time.monotonic() - started

    def _record(self, record: Callable[[], Record]) -> None:
        try:
            self.instance.write_record(record())
        except InstanceError as error:
            self.failures.append(("the record of this push", error))
            self._raise_failure()

    def _raise_failure(self) -> None:
        if not self.failures:
            return
        with suppress(InstanceError):  # the intent written before says enough
            self.instance.write_record(self._outcome())
        failed, error = self.failures[0]
        missing = [action for action in self.plan.writes if action not in self.written]
        raise PushFailed(failed, error.message, self.written, missing) from error

    def _intent(self, actions: Sequence[Action]) -> Record:
        entries = {
            action.item.key: replace(
                self.plan.record.get(action.item.key, Entry()), writing=action.item.prints
            )
            for action in actions
        }
        return {**self.plan.record, **entries}

    def _outcome(self) -> Record:
        self.versions |= self.instance.versions(self.versions)
        unfinished = [action for action in self.plan.writes if action not in self.written]
        done = {
            action.item.key: Entry(action.item.prints, self.versions[action.item.key])
            for action in self.written
        }
        record = {**self._intent(unfinished), **done}
        gone = {action.item.key for action in self.written if action.verb is Verb.delete}
        return {key: entry for key, entry in record.items() if key not in gone}


def _graph(actions: Sequence[Action]) -> dict[str, list[str]]:
    """Only what comes earlier in the plan is waited for, so that a cycle cannot block."""
    rank = {action.item.key: number for number, action in enumerate(actions)}
    return {
        key: [need for need in action.item.needs if rank.get(need, number) < number]
        for number, (key, action) in enumerate(zip(rank, actions, strict=True))
    }
