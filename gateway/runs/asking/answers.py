"""A script's answer, waited for."""

import asyncio
from typing import Any

from gateway.clients.windmill import Windmill
from gateway.clients.windmill_jobs import Job

PATIENCE_SECONDS = 45.0
SECONDS_BETWEEN_LOOKS = 0.1


async def answer(
    windmill: Windmill, script: str, args: dict[str, Any], patience: float | None = None
) -> Job:
    """Nobody waits for a job that nobody will read: it is canceled. Raises TimeoutError."""
    seconds = PATIENCE_SECONDS if patience is None else patience
    job_id = await windmill.run_script(script, args)
    try:
        async with asyncio.timeout(seconds):
            while True:
                job = await windmill.job(job_id)
                if job and job.completed:
                    return job
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
    except TimeoutError:
        await windmill.cancel(job_id, "it took too long")
        raise TimeoutError(f"no worker did within {seconds:g} seconds") from None
