"""What a deployment's process wrote: a worker reads it, for only workers reach the hosts."""

import asyncio
from typing import Any

from gateway.clients.registry import Deployments
from gateway.clients.windmill import Windmill
from gateway.clients.windmill_jobs import Job
from gateway.errors import LogUnread, NoEndpoint
from gateway.runs.lookup import find
from gateway.runs.responses import Process, ProcessLog
from windmill.scripts.model.base.windmill_paths import SHOW_PROCESS_LOG

PATIENCE_SECONDS = 45.0
SECONDS_BETWEEN_LOOKS = 0.1


async def read(
    windmill: Windmill, deployments: Deployments, id_: str, process: Process, lines: int
) -> ProcessLog:
    """Raises UnknownRun, NoEndpoint, LogUnread."""
    deployment = (await find(windmill, deployments, id_)).deployment
    if deployment is None:
        raise NoEndpoint(id=id_)
    asked = {"deployment_id": deployment.id, "process": process.value, "lines": lines}
    job = await _ended(windmill, asked, deployment.name)
    if job.failed or not isinstance(job.result, dict):
        raise LogUnread(name=deployment.name, reason=job.reason.message or "no reason is known")
    return ProcessLog(deployment_id=deployment.id, process=process, lines=job.result["lines"])


async def _ended(windmill: Windmill, asked: dict[str, Any], name: str) -> Job:
    """Nobody waits for a job that nobody will read: it is canceled."""
    job_id = await windmill.run_script(SHOW_PROCESS_LOG, asked)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                job = await windmill.job(job_id)
                if job and job.completed:
                    return job
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
    except TimeoutError:
        await windmill.cancel(job_id, "it took too long")
        reason = f"no worker did within {PATIENCE_SECONDS:g} seconds"
        raise LogUnread(name=name, reason=reason) from None
