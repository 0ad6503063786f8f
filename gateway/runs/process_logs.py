"""What a deployment's process wrote: a worker reads it, for only workers reach the hosts."""

from gateway.clients.registry import Deployments
from gateway.clients.windmill import Windmill
from gateway.errors import LogUnread, NoEndpoint
from gateway.runs.lookup import find
from gateway.runs.responses import Process, ProcessLog
from windmill.scripts.model.base.windmill_paths import SHOW_PROCESS_LOG

PATIENCE_SECONDS = 45.0


async def read(
    windmill: Windmill, deployments: Deployments, id_: str, process: Process, lines: int
) -> ProcessLog:
    """Raises UnknownRun, NoEndpoint, LogUnread."""
    deployment = (await find(windmill, deployments, id_)).deployment
    if deployment is None:
        raise NoEndpoint(id=id_)
    asked = {"deployment_id": deployment.id, "process": process.value, "lines": lines}
    job = await windmill.ended_script(SHOW_PROCESS_LOG, asked, PATIENCE_SECONDS)
    if job is None:
        reason = f"no worker did within {PATIENCE_SECONDS:g} seconds"
        raise LogUnread(name=deployment.name, reason=reason)
    if job.failed or not isinstance(job.result, dict):
        raise LogUnread(name=deployment.name, reason=job.reason.message or "no reason is known")
    return ProcessLog(deployment_id=deployment.id, process=process, lines=job.result["lines"])
