"""What an id names."""

import re
from dataclasses import dataclass, field

from gateway.clients.registry import Deployments
from gateway.clients.windmill import Windmill
from gateway.clients.windmill_jobs import Job
from gateway.errors import UnknownRun
from gateway.runs.job_tree import Progress, progress_of
from windmill.scripts.model.base.windmill_paths import DESTROY, DESTROY_ALL, meta_pipeline
from windmill.scripts.model.drawing.deployment import Deployment, State

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Made:
    """A deployment that the run made, and the job of the flow that did it."""

    job_id: str
    deployment: Deployment


@dataclass(frozen=True)
class TrackedRun:
    """A run, or a deployment or meta-pipeline with its latest run.

    `deployment` is there where it is all that the run is about.
    """

    id: str
    job: Job | None
    deployment: Deployment | None
    is_run: bool
    made: tuple[Made, ...] = ()
    progress: Progress = field(default_factory=Progress)
    notices: tuple[str, ...] = ()
    terraform: tuple[str, ...] = ()

    @property
    def destroys(self) -> bool:
        return self.job is not None and self.job.script_path in (DESTROY, DESTROY_ALL)

    @property
    def meta_pipeline(self) -> str:
        """Its name, where the run deploys one."""
        return meta_pipeline(self.job.script_path, self.job.args) if self.job else ""


async def find(windmill: Windmill, deployments: Deployments, id_: str) -> TrackedRun:
    """By tracking id, or by a deployment's id or name or a meta-pipeline's. Raises UnknownRun."""
    if UUID.fullmatch(id_):
        return await _run(windmill, deployments, id_, is_run=True)
    deployment = await deployments.get(id_)
    if deployment is None or deployment.state == State.destroyed:
        latest = await deployments.latest_run(id_)
        if latest:
            return await _run(windmill, deployments, latest, is_run=False)
    if deployment is None:
        raise UnknownRun(id=id_)
    job = await windmill.job(deployment.run_id) if deployment.run_id else None
    made = (Made(deployment.run_id, deployment),)
    progress = await progress_of(windmill, job)
    id_ = deployment.run_id or deployment.id
    told = await _told_of(deployments, deployment)
    return TrackedRun(id_, job, deployment, False, made, progress, *told)


async def _run(windmill: Windmill, deployments: Deployments, id_: str, is_run: bool) -> TrackedRun:
    job = await windmill.job(id_)
    if job is None:
        raise UnknownRun(id=id_)
    progress = await progress_of(windmill, job)
    made = tuple(Made(*each) for each in await deployments.made_by(id_))
    tracked = TrackedRun(id_, job, None, is_run, made, progress)
    if tracked.meta_pipeline or job.script_path == DESTROY_ALL:
        return tracked
    deployment = await _deployment_of(deployments, job, progress)
    told = await _told_of(deployments, deployment)
    return TrackedRun(id_, job, deployment, is_run, made, progress, *told)


async def _told_of(
    deployments: Deployments, deployment: Deployment | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Notices, and what Terraform did."""
    if deployment is None:
        return (), ()
    notices = await deployments.notices(deployment.id)
    return tuple(notices), tuple(await deployments.terraform_words(deployment.id))


async def _deployment_of(
    deployments: Deployments, job: Job, progress: Progress
) -> Deployment | None:
    result = job.result if isinstance(job.result, dict) else {}
    named = (job.args or {}).get("deployment_id") or result.get("deployment_id")
    if named:
        return await deployments.get(str(named))
    for flow in progress.flows:
        deployment = await deployments.of_job(flow)
        if deployment:
            return deployment
    return None
