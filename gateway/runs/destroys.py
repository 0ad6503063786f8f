"""From what is to go to the run that destroys it; asking twice starts nothing twice."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.clients.registry import Deployments
from gateway.clients.windmill import Windmill
from gateway.runs.lookup import TrackedRun
from windmill.scripts.model.base.windmill_paths import DESTROY, DESTROY_ALL
from windmill.scripts.model.drawing.deployment import Deployment, State

SECONDS_BETWEEN_LOOKS = 0.2
LOOKS = 150


@dataclass(frozen=True)
class Destroying:
    """`job_id` is None when nothing is left to do."""

    job_id: str | None
    name: str = ""
    deployments: tuple[Deployment, ...] = ()


async def destroy(
    windmill: Windmill, deployments: Deployments, tracked: TrackedRun, forget: bool = False
) -> Destroying:
    if tracked.meta_pipeline:
        return await _destroy_parts(windmill, deployments, tracked, tracked.meta_pipeline)
    if tracked.deployment is not None:
        return await _destroy_one(windmill, tracked.deployment, forget)
    if not tracked.destroys:
        # A run that has not become a deployment has created nothing.
        await windmill.cancel(tracked.id, "canceled by request")
    return Destroying(tracked.id)


async def _destroy_one(windmill: Windmill, deployment: Deployment, forget: bool) -> Destroying:
    if deployment.state == State.destroyed:
        return Destroying(None, deployment.name, (deployment,))
    args = {"deployment_id": deployment.id}
    job_id = await _unfinished(windmill, DESTROY, args)
    if job_id is None:
        if deployment.state == State.deploying and deployment.run_id:
            await windmill.cancel(deployment.run_id, "the deployment is destroyed")
        told = {"forget": True} if forget else {}
        job_id = await windmill.run_flow(DESTROY, {**args, **told})
    return Destroying(job_id, deployment.name, (deployment,))


async def _destroy_parts(
    windmill: Windmill, deployments: Deployments, tracked: TrackedRun, name: str
) -> Destroying:
    """All that this meta-pipeline ever deployed and that still lives."""
    parts = await deployments.parts(name)
    job_id = await _unfinished(windmill, DESTROY_ALL, {"name": name})
    if job_id is None:
        stopped = await _stop(windmill, tracked, parts)
        # What it began in the meantime belongs to it too.
        parts = await deployments.parts(name)
        job_id = tracked.id if stopped else None
        if parts:
            args = {"name": name, "deployment_ids": [each.id for each in parts]}
            job_id = await windmill.run_flow(DESTROY_ALL, args)
    return Destroying(job_id, name, tuple(parts))


async def _unfinished(windmill: Windmill, flow: str, args: dict[str, Any]) -> str | None:
    return next(iter(await windmill.unfinished(flow, args)), None)


async def _stop(windmill: Windmill, tracked: TrackedRun, parts: Iterable[Deployment]) -> bool:
    """Whether there was a run to stop; it is over then, unless a step of it will not end."""
    if tracked.job is None or tracked.job.completed:
        return False
    await windmill.cancel(tracked.id, "what it deploys is destroyed")
    runs = {each.run_id for each in parts if each.state == State.deploying} - {""}
    for _ in range(LOOKS):
        jobs = await asyncio.gather(*(windmill.job(run) for run in {tracked.id, *runs}))
        if all(job is None or job.completed for job in jobs):
            break
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
    return True
