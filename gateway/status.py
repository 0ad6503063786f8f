"""One answer about one run or deployment, put together from Windmill's jobs and the registry."""

import re
from dataclasses import dataclass
from typing import Any

from gateway.answers import Cleanup, Failure, RunState, StatusAnswer, StepAnswer
from gateway.errors import UnknownRun
from gateway.jobs import Job
from gateway.paths import DESTROY
from gateway.registry import Deployments
from gateway.steps import FAILURE, Step, StepState, flow_jobs, steps_of, waiting_flow
from gateway.windmill import Windmill
from windmill.scripts.model.deployment import Deployment, State

UNFINISHED = (State.deploying, State.destroying)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Subject:
    """What an id names: a run, or a deployment with its latest run."""

    id: str
    job: Job | None
    deployment: Deployment | None
    is_run: bool

    @property
    def destroys(self) -> bool:
        return self.job is not None and self.job.script_path == DESTROY


async def find(windmill: Windmill, deployments: Deployments, id_: str) -> Subject:
    """By tracking id, deployment id or name. Raises UnknownRun."""
    if UUID.fullmatch(id_):
        job = await windmill.job(id_)
        if job is None:
            raise UnknownRun(id=id_)
        return Subject(id_, job, await _deployment_of(windmill, deployments, job), is_run=True)
    deployment = await deployments.get(id_)
    if deployment is None:
        raise UnknownRun(id=id_)
    job = await windmill.job(deployment.run_id) if deployment.run_id else None
    return Subject(deployment.run_id or deployment.id, job, deployment, is_run=False)


async def _deployment_of(
    windmill: Windmill, deployments: Deployments, job: Job
) -> Deployment | None:
    named = (job.args or {}).get("deployment_id") or _result(job).get("deployment_id")
    if named:
        return await deployments.get(str(named))
    async for flow in flow_jobs(windmill, job):
        deployment = await deployments.of_job(flow.id)
        if deployment:
            return deployment
    return None


def _result(job: Job) -> dict[str, Any]:
    return job.result if isinstance(job.result, dict) else {}


async def describe(windmill: Windmill, subject: Subject, debug: bool = False) -> StatusAnswer:
    job, deployment = subject.job, subject.deployment
    steps = await steps_of(windmill, job) if job else []
    asks = job is not None and await waiting_flow(windmill, job) is not None
    state = run_state(subject, asks)
    known: dict[str, Any] = deployment.model_dump() if deployment else {}
    shown = {key: known[key] for key in known.keys() & StatusAnswer.model_fields.keys()}
    return StatusAnswer.model_validate(
        {
            **shown,
            "id": subject.id,
            "deployment_id": deployment.id if deployment else None,
            "name": deployment.name if deployment else _name(job),
            "state": state,
            "changed": _changed(subject),
            "steps": [_answer(step) for step in steps],
            "error": await _failure(windmill, subject, steps, state, debug),
        }
    )


def run_state(subject: Subject, asks: bool) -> RunState:
    job, deployment = subject.job, subject.deployment
    if job is not None and not job.completed:
        return _under_way(job, asks, subject.destroys)
    if deployment is None or job is None:
        return RunState(deployment.state) if deployment else _ended(subject)
    if deployment.state == State.destroyed:
        return RunState.destroyed
    if not job.success and (subject.is_run or deployment.state in UNFINISHED):
        return RunState.failed
    return RunState(deployment.state)


def _under_way(job: Job, asks: bool, destroys: bool) -> RunState:
    if asks:
        return RunState.waiting_for_target
    if destroys:
        return RunState.destroying
    return RunState.deploying if job.running or job.started_at else RunState.queued


def _ended(subject: Subject) -> RunState:
    if subject.job is None or not subject.job.success:
        return RunState.failed
    return RunState.destroyed if subject.destroys else RunState.live


def _changed(subject: Subject) -> bool | None:
    if subject.job and "changed" in _result(subject.job):
        return bool(_result(subject.job)["changed"])
    return subject.deployment.changed if subject.deployment else None


def _name(job: Job | None) -> str:
    args = (job.args or {}) if job else {}
    drawing = args.get("pipeline")
    drawn = drawing.get("name") if isinstance(drawing, dict) else None
    path = (job.script_path or "") if job else ""
    return str(args.get("name") or drawn or path.rsplit("/", 1)[-1])


def _answer(step: Step) -> StepAnswer:
    return StepAnswer(
        id=step.id,
        title=step.title,
        state=step.state,
        started_at=step.started_at,
        seconds=step.seconds,
        detail=step.detail.split("\n", 1)[0],
    )


async def _failure(
    windmill: Windmill, subject: Subject, steps: list[Step], state: RunState, debug: bool
) -> Failure | None:
    if state not in (RunState.failed, RunState.degraded):
        return None
    failed = next((step for step in steps if step.state == StepState.failed), None)
    job = await windmill.job(failed.job_id) if failed and failed.job_id else subject.job
    text = job.error_text if job and job.failed else ""
    recorded = subject.deployment.error if subject.deployment else ""
    message, fix = _split(text or recorded or "no reason was recorded")
    return Failure(
        message=message,
        step=failed.id if failed else "",
        fix=fix,
        cleanup=await _cleanup(windmill, steps),
        stack=job.error_stack if debug and job else "",
    )


async def _cleanup(windmill: Windmill, steps: list[Step]) -> Cleanup | None:
    """As the failure module reports it."""
    ran = next((s for s in steps if s.id == FAILURE and s.state == StepState.done), None)
    job = await windmill.job(ran.job_id) if ran and ran.job_id else None
    result = _result(job) if job else {}
    if "created" not in result:
        return None
    if not result["created"]:
        return Cleanup.nothing
    return Cleanup.removed if result.get("destroyed") else Cleanup.kept


def _split(text: str) -> tuple[str, str]:
    """Our steps put what to do on an indented line of its own; longer texts are left whole."""
    lines = text.strip().splitlines()
    if len(lines) == 2 and lines[1].startswith("    "):
        return lines[0], lines[1].strip()
    return "\n".join(lines), ""
