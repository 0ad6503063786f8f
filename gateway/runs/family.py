"""The jobs of one run, in one list; of its flows only those that moved since the last look.

Windmill shows the status of a flow with that flow alone, so a tree costs a call a flow. But a flow
gets on only as one of its jobs does, or as it begins or ends to wait, and of that lists tell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gateway.clients.windmill import Windmill
from gateway.clients.windmill_jobs import Followed, Job

Children = Mapping[str, Job]
A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True)
class Family:
    """`by_flow` is None in a workspace so busy that one list does not hold the run."""

    windmill: Windmill
    followed: Followed
    by_flow: Mapping[str, Children] | None

    async def children(self, flow: Job) -> Children:
        """The jobs that this flow itself started, by id, as lists show them: without results."""
        if self.by_flow is None:
            return await self.windmill.children(flow)
        return self.by_flow.get(flow.id, {})

    async def job(self, job_id: str, listed: Job | None) -> Job | None:
        """Lists leave out the status of flows and the reasons of failures."""
        if listed and not listed.is_flow and not listed.failed:
            return listed
        if listed is None or listed.completed or self.by_flow is None:
            return await self.windmill.job(job_id)
        looks = [_look(each) for each in (listed, *self.by_flow.get(job_id, {}).values())]
        before, flow = self.followed.flows.get(job_id, (None, None))
        if before != looks:
            # Read after the list: what it tells is never older than how it looked.
            flow = await self.windmill.job(job_id)
            self.followed.flows[job_id] = (looks, flow)
        return flow

    async def definition(self, path: str) -> Mapping[str, Any]:
        """Of a flow that has not begun; as it was when this run was first looked at."""
        if path not in self.followed.definitions:
            stored = await self.windmill.flow(path) if path else None
            self.followed.definitions[path] = (stored or {}).get("value") or {}
        return self.followed.definitions[path]


async def family_of(windmill: Windmill, root: Job) -> Family:
    followed = windmill.followed(root.id)
    if followed.ended is None and not followed.crowded:
        listed = await windmill.jobs_between(root.created_at - A_MOMENT, root.completed_at)
        followed.crowded = listed is None
        by_flow = _descendants(root, listed or ())
        if followed.crowded:
            return Family(windmill, followed, None)
        if root.completed and all(j.completed for jobs in by_flow.values() for j in jobs.values()):
            followed.ended = by_flow
        return Family(windmill, followed, by_flow)
    return Family(windmill, followed, followed.ended)


def _descendants(root: Job, jobs: Iterable[Job]) -> dict[str, dict[str, Job]]:
    by_flow: dict[str, dict[str, Job]] = {}
    for job in jobs:
        by_flow.setdefault(job.parent_job or "", {})[job.id] = job
    found: dict[str, dict[str, Job]] = {}
    open_ = [root.id]
    while open_:
        children = by_flow.get(flow := open_.pop(), {})
        found[flow] = children
        open_.extend(children)
    return found


def _look(job: Job) -> tuple[Any, ...]:
    return job.id, job.type, job.started_at, job.suspend, job.canceled
