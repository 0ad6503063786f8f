"""Stopping a deploy half way: as after a failed step, nothing is left and what was live stays."""

import asyncio
import json

from gateway.clients.windmill import Windmill
from gateway.errors import NothingToCancel
from gateway.runs.lookup import TrackedRun
from gateway.runs.steps import StepState
from windmill.scripts.model.base.windmill_paths import FAIL_DEPLOYMENT
from windmill.scripts.model.drawing.deployment import Deployment, State

SECONDS_BETWEEN_LOOKS = 0.2
LOOKS = 150


async def cancel(windmill: Windmill, tracked: TrackedRun, who: str) -> str | None:
    """The job that tidies up behind it, None where nothing was begun. Raises NothingToCancel."""
    job = tracked.job
    if job is None or job.completed or tracked.destroys or tracked.meta_pipeline:
        raise NothingToCancel(id=tracked.id)
    at_work = (s for s in tracked.progress.steps if s.state == StepState.running)
    step = next((each.id.rpartition("/")[2] for each in at_work), "")
    await windmill.cancel(tracked.id, f"canceled by {who}")
    deployment = tracked.deployment
    if deployment is None or deployment.state != State.deploying:
        return None
    await _ended(windmill, tracked.id, deployment)
    error = {"name": "Canceled", "message": f"it was canceled by {who}", "step_id": step}
    args = {"error": json.dumps(error), "deployment_id": deployment.id}
    return await windmill.run_script(FAIL_DEPLOYMENT, args)


async def _ended(windmill: Windmill, run: str, deployment: Deployment) -> None:
    """What still works in the deployment's folder would meet what tidies up there."""
    runs = {run, deployment.run_id} - {""}
    for _ in range(LOOKS):
        jobs = await asyncio.gather(*map(windmill.job, runs))
        if all(job is None or job.completed for job in jobs):
            return
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
