"""Ansible's tasks as lines in the job's log and as events in the registry."""

from ..store.registry import Registry
from .ansible import TaskEvent

SHOWN = {"ok": "ok", "changed": "changed", "failed": "FAILED", "skipped": "skipped"}


class Progress:
    def __init__(self, registry: Registry, deployment_id: str, step: str) -> None:
        self.registry = registry
        self.deployment_id = deployment_id
        self.step = step

    def on_task(self, event: TaskEvent) -> None:
        if event.state not in SHOWN:
            return
        print(f"{SHOWN[event.state]:8} {event.seconds:5.1f} s  {event.task}", flush=True)
        if event.state in ("changed", "failed"):
            level = "error" if event.state == "failed" else "info"
            message = f"{event.task}: {event.message or event.state}"
            self.registry.record(self.deployment_id, self.step, message, level)
