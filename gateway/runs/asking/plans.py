"""What a request would deploy, told by a worker: only workers know what they can provision."""

import json
from collections.abc import Mapping
from typing import Any

from gateway.clients.windmill import Windmill
from gateway.clients.windmill_jobs import Job
from gateway.errors import (
    NothingToPlan,
    NothingToPreview,
    PlanRefused,
    PlanUnknown,
    UnknownPipeline,
)
from gateway.runs.asking.answers import answer
from gateway.runs.deploys import Run
from windmill.scripts.model.base.short_form import shorten
from windmill.scripts.model.base.windmill_paths import (
    CHECK_BUDGET,
    DEPLOY,
    ONLY_WITH,
    PLAN_DEPLOYMENT,
    WITH_TERRAFORM,
    catalog_key,
)
from windmill.scripts.model.show.deployment_plan import DeploymentPlan
from windmill.scripts.model.show.whole_plan import PlannedStep, WholePlan

GIVEN = ("name", "target_settings", "max_hourly_usd", ONLY_WITH)
TOLD = {"pipeline", "declared_inputs", "target"}


async def plan(
    windmill: Windmill, run: Run, with_terraform: bool = False
) -> DeploymentPlan | WholePlan:
    """Raises NothingToPlan, PlanRefused, PlanUnknown."""
    wanted = {WITH_TERRAFORM: True} if with_terraform else {}
    if run.flow == DEPLOY:
        return await plan_one(windmill, run, with_terraform)
    flow = await windmill.flow(run.flow)
    if flow is None:
        raise UnknownPipeline(name=run.pipeline)
    if given := _deploying(flow):
        args = _of_drawn(given, flow, run)
        return DeploymentPlan.model_validate(await _told(windmill, run, {**args, **wanted}))
    args = {**run.args, **wanted, "entry": catalog_key(run.flow)}
    whole = WholePlan.model_validate(await _told(windmill, run, args))
    if all(_only_runs(step) for step in whole.steps):
        raise NothingToPlan(name=run.pipeline)
    return whole


async def plan_one(windmill: Windmill, run: Run, with_terraform: bool = False) -> DeploymentPlan:
    """Of a run that deploys one drawing. Raises PlanRefused, PlanUnknown."""
    args = {**run.args, **({WITH_TERRAFORM: True} if with_terraform else {})}
    return DeploymentPlan.model_validate(await _told(windmill, run, args))


async def _told(windmill: Windmill, run: Run, args: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        job = await answer(windmill, PLAN_DEPLOYMENT, {"request": json.dumps(args)})
    except TimeoutError as error:
        raise PlanUnknown(name=run.name, reason=str(error)) from None
    if job.failed or not isinstance(job.result, dict):
        raise _failure(run.name, job)
    return job.result


def _only_runs(step: PlannedStep) -> bool:
    return step.use.startswith("playbooks/") and step.hourly_usd == 0


def _failure(name: str, job: Job) -> PlanRefused | PlanUnknown:
    """What the platform says itself bears a code; anything else is a worker that failed."""
    reason = job.reason
    if not reason.code:
        return PlanUnknown(name=name, reason=reason.message or "no reason is known")
    return PlanRefused(name=name, reason=reason.message, advice=reason.fix)


async def arguments_of(windmill: Windmill, run: Run) -> Mapping[str, Any]:
    """Of the deploying flow, which this calls once. Raises NothingToPreview."""
    if run.flow == DEPLOY:
        return run.args
    flow = await windmill.flow(run.flow)
    if flow is None:
        raise UnknownPipeline(name=run.pipeline)
    if given := _deploying(flow):
        return _of_drawn(given, flow, run)
    raise NothingToPreview(name=run.pipeline)


def _of_drawn(given: Mapping[str, Any], flow: Mapping[str, Any], run: Run) -> Mapping[str, Any]:
    """What the entry's flow would call the deploying flow with."""
    declared = given["declared_inputs"]["value"]
    named = {name: run.args[name] for name in GIVEN if name in run.args}
    return {
        "pipeline": given["pipeline"]["value"],
        "declared_inputs": declared,
        "inputs": {name: run.args.get(name) for name in declared},
        "target": _target(given["target"], flow, run.args),
        **named,
    }


def _deploying(flow: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """None of what is more, or less, than one drawn pipeline."""
    modules = [module["value"] for module in flow["value"]["modules"]]
    others = [each for each in modules if each.get("path") not in (DEPLOY, CHECK_BUDGET)]
    deploying = [each for each in modules if each.get("path") == DEPLOY]
    transforms: Mapping[str, Any] = deploying[0]["input_transforms"] if deploying else {}
    if others or len(deploying) != 1 or not transforms.keys() >= TOLD:
        return None
    return transforms


def _target(transform: Mapping[str, Any], flow: Mapping[str, Any], args: Mapping[str, Any]) -> Any:
    if transform["type"] == "static":
        return transform["value"]
    default = shorten(flow.get("schema") or {}).get("target", {}).get("default")
    return args.get("target") or default
