"""What a deployment's process wrote: a worker reads it, for only workers reach the hosts."""

from typing import Any

from gateway.clients.registry import Deployments
from gateway.clients.windmill import Windmill
from gateway.clients.windmill_jobs import Job
from gateway.errors import LogUnread, NoEndpoint
from gateway.runs.asking.answers import answer
from gateway.runs.lookup import find
from gateway.runs.responses import Process, ProcessLog
from windmill.scripts.model.base.windmill_paths import SHOW_PROCESS_LOG


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
    try:
        return await answer(windmill, SHOW_PROCESS_LOG, asked)
    except TimeoutError as error:
        raise LogUnread(name=name, reason=str(error)) from None
