"""One answer about one run or deployment, put together from Windmill's jobs and the registry."""

from datetime import UTC, datetime
from typing import Any

from gateway.clients.windmill import Windmill
from gateway.clients.windmill_jobs import Job
from gateway.runs.costs import cost_of
from gateway.runs.lookup import Made, TrackedRun
from gateway.runs.responses import (
    Cleanup,
    DeploymentAnswer,
    Failure,
    QuestionAnswer,
    RunState,
    StatusAnswer,
    StepAnswer,
)
from gateway.runs.steps import FAILURE, Asks, Question, Step, StepState
from windmill.scripts.model.base.errors import Reason
from windmill.scripts.model.base.windmill_paths import catalog_key
from windmill.scripts.model.compile.compile_steps import OUTPUTS
from windmill.scripts.model.drawing.deployment import Deployment, State

UNFINISHED = (State.deploying, State.destroying)
WAITING = {
    Asks.target: RunState.waiting_for_target,
    Asks.approval: RunState.waiting_for_approval,
}


async def describe(windmill: Windmill, tracked: TrackedRun, debug: bool = False) -> StatusAnswer:
    deployment, progress = tracked.deployment, tracked.progress
    state, outputs = run_state(tracked), _outputs(tracked)
    fields: dict[str, Any] = deployment.model_dump() if deployment else {}
    shown = {key: fields[key] for key in fields.keys() & StatusAnswer.model_fields.keys()}
    return StatusAnswer.model_validate(
        {
            # A meta-pipeline that names one address is asked there, as a pipeline is.
            "endpoint_url": str((outputs or {}).get("endpoint_url") or ""),
            **shown,
            "id": tracked.id,
            "deployment_id": deployment.id if deployment else None,
            "name": deployment.name if deployment else _name(tracked.job),
            "entry": _entry(tracked.job),
            "state": state,
            "changed": _changed(tracked),
            "steps": [_answer(step) for step in progress.steps],
            "questions": [_question(each) for each in progress.questions],
            "deployments": [_made(tracked, each) for each in tracked.made],
            "outputs": outputs,
            "notices": tracked.notices,
            "terraform": tracked.terraform,
            "cost": cost_of(_deployments(tracked), datetime.now(UTC)),
            "error": await _failure(windmill, tracked, state, debug),
        }
    )


def run_state(tracked: TrackedRun) -> RunState:
    job, deployment = tracked.job, tracked.deployment
    if job is not None and not job.completed:
        return _under_way(job, tracked)
    if deployment is None or job is None:
        return RunState(deployment.state) if deployment else _ended(tracked)
    if deployment.state == State.destroyed:
        return RunState.destroyed
    if not job.success and (tracked.is_run or deployment.state in UNFINISHED):
        return RunState.failed
    return RunState(deployment.state)


def _under_way(job: Job, tracked: TrackedRun) -> RunState:
    if tracked.progress.questions:
        return WAITING[tracked.progress.questions[0].asks]
    if tracked.destroys:
        return RunState.destroying
    return RunState.deploying if job.running or job.started_at else RunState.queued


def _ended(tracked: TrackedRun) -> RunState:
    """Of a run that is not about one deployment."""
    if tracked.destroys:
        done = tracked.job is not None and tracked.job.success
        return RunState.destroyed if done else RunState.failed
    states = {each.deployment.state for each in tracked.made}
    if states == {State.destroyed}:
        return RunState.destroyed
    if State.destroying in states:
        return RunState.destroying
    if tracked.job is None or not tracked.job.success:
        return RunState.failed
    return RunState.degraded if states & {State.degraded, State.failed} else RunState.live


def _deployments(tracked: TrackedRun) -> list[Deployment]:
    made = [each.deployment for each in tracked.made]
    return [tracked.deployment] if tracked.deployment else made


def _changed(tracked: TrackedRun) -> bool | None:
    if tracked.meta_pipeline:
        return any(each.deployment.changed for each in tracked.made)
    if tracked.job and "changed" in _result(tracked.job):
        return bool(_result(tracked.job)["changed"])
    return tracked.deployment.changed if tracked.deployment else None


def _outputs(tracked: TrackedRun) -> dict[str, Any] | None:
    job = tracked.job
    if job is None or not job.success:
        return None
    modules: list[dict[str, Any]] = (job.raw_flow or {}).get("modules") or []
    return _result(job) if modules and modules[-1]["id"] == OUTPUTS else None


def _entry(job: Job | None) -> str:
    """Of the catalog; empty for a drawing."""
    path = (job.script_path or "") if job else ""
    return catalog_key(path)


def _result(job: Job) -> dict[str, Any]:
    return job.result if isinstance(job.result, dict) else {}


def _name(job: Job | None) -> str:
    args = (job.args or {}) if job else {}
    drawing = args.get("pipeline")
    drawn = drawing.get("name") if isinstance(drawing, dict) else None
    path = (job.script_path or "") if job else ""
    return str(args.get("name") or drawn or path.rsplit("/", 1)[-1])


def names_of(tracked: TrackedRun) -> set[str]:
    """Of the deployments it is about; empty where that cannot be told yet."""
    made = {each.deployment.name for each in tracked.made}
    if tracked.deployment:
        return made | {tracked.deployment.name}
    return made if made or tracked.meta_pipeline or tracked.destroys else {_name(tracked.job)}


def _answer(step: Step) -> StepAnswer:
    return StepAnswer(
        id=step.id,
        title=step.title,
        state=step.state,
        started_at=step.started_at,
        seconds=step.seconds,
        detail=step.detail.split("\n", 1)[0],
    )


def _question(question: Question) -> QuestionAnswer:
    return QuestionAnswer(
        asks=question.asks,
        step=question.step,
        message=question.message,
        plan=list(question.plan),
    )


def _made(tracked: TrackedRun, made: Made) -> DeploymentAnswer:
    fields = made.deployment.model_dump()
    return DeploymentAnswer(step=tracked.progress.flows.get(made.job_id, ""), **fields)


async def _failure(
    windmill: Windmill, tracked: TrackedRun, state: RunState, debug: bool
) -> Failure | None:
    if state not in (RunState.failed, RunState.degraded):
        return None
    failed = _failed(tracked.progress.steps)
    job = await windmill.job(failed.job_id) if failed and failed.job_id else tracked.job
    title = failed.title if failed else ""
    reason = _reason(job, tracked, title)
    return Failure(
        code=reason.code,
        message=reason.message,
        where=reason.where,
        step=failed.id if failed else "",
        title=title,
        fix=" ".join(part for part in (reason.fix, _what_lives(tracked)) if part),
        cleanup=await _cleanup(windmill, tracked.progress.steps),
        stack=job.error_stack if debug and job else "",
    )


def _reason(job: Job | None, tracked: TrackedRun, title: str) -> Reason:
    """The registry's text begins with the title of the step, which is told beside it."""
    if job and job.failed and job.reason.message:
        return job.reason
    recorded = tracked.deployment.error if tracked.deployment else _recorded(tracked)
    return Reason(recorded.removeprefix(f"{title}: ") or "no reason was recorded")


def _failed(steps: list[Step]) -> Step | None:
    """The one that ended the run, before others that it outlived."""
    failed = [step for step in steps if step.state == StepState.failed]
    return next((step for step in failed if step.fatal), next(iter(failed), None))


def _recorded(tracked: TrackedRun) -> str:
    reasons = (f"{each.deployment.name}: {each.deployment.error}" for each in tracked.made
               if each.deployment.error)  # fmt: skip
    return "; ".join(reasons)


def _what_lives(tracked: TrackedRun) -> str:
    """A failed meta-pipeline takes down nothing that people may already use."""
    name = tracked.meta_pipeline
    live = [each.deployment.name for each in tracked.made if each.deployment.state == State.live]
    if not name or not live:
        return ""
    return (
        f"{', '.join(live)} stay live. Deploy {name} again: what is there is kept as it is; "
        f"or `mlops destroy {name}`."
    )


async def _cleanup(windmill: Windmill, steps: list[Step]) -> Cleanup | None:
    """As the failure module reports it."""
    ran = next((s for s in steps if _is_failure(s) and s.state == StepState.done), None)
    job = await windmill.job(ran.job_id) if ran and ran.job_id else None
    result = _result(job) if job else {}
    if "created" not in result:
        return None
    if not result["created"]:
        return Cleanup.nothing
    return Cleanup.removed if result.get("destroyed") else Cleanup.kept


def _is_failure(step: Step) -> bool:
    return step.id.rpartition("/")[2] == FAILURE
