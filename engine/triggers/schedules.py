"""Schedules. The next run of an enabled one is a queued job, made in the very transaction in which
the run before it starts (a flow) or ends (a script): no crash loses or doubles one, and as on
Windmill a script never overlaps itself."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.errors import ApiError
from engine.store.items import Item, Items
from engine.store.jobs import Job, Jobs
from engine.store.runnables import Runnables
from engine.triggers.cron import due_times

Doc = dict[str, Any]


class Schedules:
    def __init__(
        self, items: Items, jobs: Jobs, runnables: Runnables, clock: Callable[[], float]
    ) -> None:
        self._items, self._jobs, self._runnables, self._clock = items, jobs, runnables, clock

    def get(self, workspace: str, path: str) -> Item | None:
        return self._items.get(workspace, path)

    def list(self, workspace: str) -> list[Item]:
        return self._items.list(workspace)

    def save(self, workspace: str, path: str, doc: Doc) -> None:
        """Raises BadRequest for a time that is none, NotFound for a script or flow not there."""
        doc = doc | {"error": None}
        with self._jobs.db.tx():
            self._items.put(workspace, path, doc)
            self._jobs.unplan(workspace, path)
            self._plan(workspace, path, doc)

    def delete(self, workspace: str, path: str) -> bool:
        with self._jobs.db.tx():
            self._jobs.unplan(workspace, path)
            return self._items.delete(workspace, path)

    def started(self, flow: Job) -> str | None:
        """What to end the run with that may not begin beside another one, or None."""
        if flow.schedule_path is None or flow.parent is not None:
            return None
        item = self._items.get(flow.workspace, flow.schedule_path)
        self._go_on(item, flow)
        if item is None or not item.doc["no_flow_overlap"]:
            return None
        if others := self._jobs.running_beside(flow):
            return f"not allowed to overlap with {', '.join(others)}, scheduling next iteration"
        return None

    def ended(self, job_id: str) -> None:
        """For every end, a cancel before the start, too; what is planned stays as it is."""
        if job := self._jobs.scheduled_root(job_id):
            self._go_on(self._items.get(job.workspace, job.schedule_path or ""), job)

    def _go_on(self, item: Item | None, job: Job) -> None:
        if item is None or item.doc["script_path"] != job.path:
            return
        try:
            self._plan(job.workspace, item.path, item.doc, not_before=job.scheduled_for)
        except ApiError as error:
            stopped = item.doc | {"enabled": False, "error": str(error)}
            self._items.put(job.workspace, item.path, stopped)

    def _plan(self, workspace: str, path: str, doc: Doc, not_before: float = 0.0) -> None:
        if not doc["enabled"] or self._jobs.is_planned(workspace, path):
            return
        moment = max(self._clock(), not_before, _paused_until(doc))
        due = next(due_times(doc["schedule"], doc["timezone"], moment))
        args = json.dumps(doc["args"] or {})
        job = self._runnables.job(workspace, doc["script_path"], doc["is_flow"], args)
        job.scheduled_for, job.schedule_path, job.tag = due, path, doc["tag"] or job.tag
        job.created_by = f"schedule-{path.replace('/', '-')}"
        self._jobs.add(job)


def _paused_until(doc: Doc) -> float:
    until = doc.get("paused_until")
    return datetime.fromisoformat(until).timestamp() if until else 0.0
