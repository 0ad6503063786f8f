"""The store of an engine whose clock stands until it is set, and the moves of its scheduler.

As a program it runs what is due of the schedule in a folder until `LAST`, or until it is killed.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from engine.core import Engine
from engine.settings import DEFAULT_TAGS, Settings
from engine.store.jobs import Job

START, STEP, LAST = 1_800_000_000.0, 10.0, 1_800_000_030.0
WORKSPACE, SCHEDULE = "mlops", "f/x/often"
TAGS = (*DEFAULT_TAGS, "gpu")
FLOW = {"modules": [{"id": "a", "value": {"type": "identity"}}]}


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now


class Firing:
    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        settings = Settings(folder / "db", folder / "cache", {})
        self.engine = Engine(settings, self.clock)
        self.jobs, self.schedules = self.engine.jobs, self.engine.schedules

    def deploy(self, is_flow: bool, **more: object) -> None:
        self.engine.scripts.add(WORKSPACE, "f/x/script", "1", {"content": "", "language": "bash"})
        self.engine.flows.add(WORKSPACE, "f/x/flow", "", {"value": FLOW})
        doc = {"schedule": "*/10 * * * * *", "timezone": "UTC", "enabled": True, "args": {"n": 1}}
        doc |= {"script_path": "f/x/flow" if is_flow else "f/x/script", "is_flow": is_flow}
        doc |= {"no_flow_overlap": False, "tag": None, "paused_until": None}
        self.schedules.save(WORKSPACE, SCHEDULE, doc | more)

    def runs(self, state: str | None = None) -> list[Job]:
        every = self.jobs.select("schedule_path = ? order by scheduled_for, seq", SCHEDULE)
        return [job for job in every if state in (None, job.state)]

    def planned(self) -> list[float]:
        return [job.scheduled_for for job in self.runs("queued")]

    def begin_due(self) -> None:
        """As the scheduler begins what is due, without its processes."""
        now = self.clock.now
        for flow in self.jobs.due_flows(now, TAGS):
            self.engine.scheduler.begin(flow, now)
        for job in self.jobs.due(now, TAGS, 10):
            self.jobs.update(job.id, state="running", started_at=now)

    def end_running(self) -> None:
        for job in self.runs("running"):
            self.jobs.finish(job.id, "null", success=True)

    def recover(self) -> None:
        """As the scheduler takes over from a life that was killed."""
        for job in self.jobs.running_leaves():
            self.jobs.requeue(job.id)

    def go_on(self) -> None:
        self.recover()
        self.end_running()
        while (due := min(self.planned())) <= LAST:
            self.clock.now = due
            self.begin_due()
            self.end_running()


if __name__ == "__main__":
    Firing(Path(sys.argv[1])).go_on()
