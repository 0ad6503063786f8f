"""From a request to a flow run: everything is checked before anything is started."""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from gateway.access.errors import BadSignature
from gateway.clients.windmill import Windmill
from gateway.errors import (
    InvalidRequest,
    KeyReused,
    NoSuchRevision,
    UnknownPipeline,
    WindmillRefused,
)
from gateway.runs.requests import ENTRY, CatalogDeploy, ChooseTarget, DrawingDeploy
from windmill.scripts.model.base.errors import InvalidInput, Problem
from windmill.scripts.model.base.names import did_you_mean
from windmill.scripts.model.base.parse import parse
from windmill.scripts.model.base.short_form import ShortForm, shorten
from windmill.scripts.model.base.source import Source
from windmill.scripts.model.base.target import SETTINGS
from windmill.scripts.model.base.windmill_paths import (
    CATALOG,
    DEPLOY,
    GIT_PUSH,
    ONLY_WITH,
    PINNED,
    asset_path,
    catalog_key,
)
from windmill.scripts.model.base.windmill_references import check_references
from windmill.scripts.model.drawing.component import Component
from windmill.scripts.model.drawing.deployment import Deployment, Revision
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.model.drawing.replicas import count_of, with_replicas
from windmill.scripts.model.drawing.validation import check_pipeline
from windmill.scripts.model.schemas.values import check_values

COMPONENTS = asset_path("components")
IDEMPOTENT_RUNS = uuid.UUID("6f1c1f4e-3d0e-5b43-9a39-2f9f3f2c7f10")
# A name alone is looked for in this order.
LOOKED_FOR = ("pipelines", "meta-pipelines", "playbooks")
MOST_ARGUMENTS = 30_000
EVENT_RUNS = uuid.UUID("0b9a3a52-7f0f-5d5e-8a35-5b7c1d9c4f2e")


@dataclass(frozen=True)
class Run:
    """A flow and its arguments, ready to be started.

    `deploys`: the one deployment that comes of it; empty where that is not all.
    """

    flow: str
    args: dict[str, Any]
    pipeline: str
    name: str
    deploys: tuple[str, ...] = ()


async def prepare(windmill: Windmill, request: CatalogDeploy | DrawingDeploy) -> Run:
    """Raises UnknownPipeline, InvalidRequest."""
    refuse_references(request.model_dump(mode="json", exclude_none=True))
    if isinstance(request, CatalogDeploy):
        return await _catalog_run(windmill, request)
    return await _drawing_run(windmill, request)


def refuse_references(sent: Mapping[str, Any]) -> None:
    """Windmill would put a secret in its place. Raises InvalidRequest."""
    if problems := list(check_references(sent)):
        raise InvalidRequest(problems)


async def _catalog_run(windmill: Windmill, request: CatalogDeploy) -> Run:
    path, flow = await find_entry(windmill, request.pipeline)
    chosen = {"target": request.target and request.target.value, "name": request.name}
    args = {**request.inputs, **{key: value for key, value in chosen.items() if value}}
    problems = [*_check_arguments(_declared(flow), args), *check_settings(request)]
    if problems:
        raise InvalidRequest(problems)
    entry = path.rsplit("/", 1)[-1]
    name = str(args.get("name") or entry)
    deploys = (name,) if _is_one_deployment(flow) else ()
    args = {"target": None, "name": None, **args, **_settings(request)}
    return Run(path, args, entry, name, deploys)


def _is_one_deployment(flow: Mapping[str, Any]) -> bool:
    called = [(m["value"].get("type"), m["value"].get("path")) for m in flow["value"]["modules"]]
    return called == [("flow", DEPLOY)]


async def find_entry(windmill: Windmill, name: str) -> tuple[str, dict[str, Any]]:
    """The path and flow of a catalog entry. Raises UnknownPipeline."""
    if not re.fullmatch(ENTRY, name):
        raise UnknownPipeline(name=name)
    keys = [name] if "/" in name else [f"{kind}/{name}" for kind in LOOKED_FOR]
    for path in (f"{CATALOG}/{key}" for key in keys):
        flow = await windmill.flow(path)
        if flow is not None:
            return path, flow
    entries = [catalog_key(path) for path in await entry_paths(windmill)]
    raise UnknownPipeline(fix=did_you_mean(keys[0], entries), name=name)


async def entry_paths(windmill: Windmill) -> list[str]:
    """Of the newest; older ones, which entries pin, are theirs to call."""
    paths = await windmill.flow_paths(f"{CATALOG}/")
    return [path for path in paths if not path.startswith(f"{PINNED}/")]


def _declared(flow: Mapping[str, Any]) -> ShortForm:
    declared = shorten(flow.get("schema") or {})
    # `target` may always be left out: then the run waits for somebody to choose.
    declared.get("target", {}).pop("required", None)
    return declared


def _check_arguments(declared: ShortForm, args: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(message, f"inputs.{field}", fix)
        for field, message, fix in check_values(declared, args)
    ]


def check_settings(request: CatalogDeploy | DrawingDeploy | ChooseTarget) -> list[Problem]:
    """What is missing may be known from the deployment that is there: the flow finds out."""
    if request.target is None:
        return []
    known = SETTINGS.get(request.target, {})
    may = {name: {**each, "required": False} for name, each in known.items()}
    return [
        Problem(message, f"target_settings.{field}", fix)
        for field, message, fix in check_values(may, request.target_settings)
    ]


def _settings(request: CatalogDeploy | DrawingDeploy) -> dict[str, Any]:
    told = {"target_settings": request.target_settings, "max_hourly_usd": request.max_hourly_usd}
    asked = {"approve": True} if request.approve else {}
    return {name: value for name, value in told.items() if value not in ({}, None)} | asked


async def _drawing_run(windmill: Windmill, request: DrawingDeploy) -> Run:
    components = await load_components(windmill)
    drawing = _as_drawn(request)
    declared = request.declared_inputs
    if declared is None:
        declared = {name: {} for name in request.inputs}
    try:
        pipeline = parse(Pipeline, Source(drawing))
    except InvalidInput as error:
        raise InvalidRequest(error.problems) from error
    problems = check_pipeline(pipeline, components, declared, request.inputs)
    problems += check_settings(request)
    if problems:
        raise InvalidRequest(problems)
    args = {
        "pipeline": pipeline.model_dump(mode="json", exclude_none=True),
        "inputs": request.inputs,
        "declared_inputs": declared,
        "target": request.target,
        "name": None,
        **_settings(request),
    }
    return Run(DEPLOY, args, pipeline.name, pipeline.name, (pipeline.name,))


def _as_drawn(request: DrawingDeploy) -> dict[str, Any]:
    return {
        "name": request.name,
        "nodes": [_unpack(node) for node in request.nodes],
        "edges": request.edges,
        "compute": request.compute,
    }


def _unpack(node: dict[str, Any]) -> dict[str, Any]:
    """A React Flow node carries what it means in `data`."""
    data = node.get("data")
    meaning = data if isinstance(data, dict) else {}
    return {**{key: meaning[key] for key in ("component", "config") if key in meaning}, **node}


def limited(run: Run, names: Sequence[str] | None) -> Run:
    """With these deployments alone, by name; None: with all. Raises InvalidRequest."""
    if names is None:
        return run
    args = {**run.args, ONLY_WITH: sorted(names)}
    # Windmill shows steps no arguments that are larger, so they would not see the limit either.
    if len(json.dumps(args)) > MOST_ARGUMENTS:
        message = f"the request has more than {MOST_ARGUMENTS} letters"
        fix = "Deploy it with a role over the workspace, or write its texts elsewhere."
        raise InvalidRequest([Problem(message, "", fix)])
    return replace(run, args=args)


def rollback(deployment: Deployment, revisions: Sequence[Revision], to: int | None) -> Run:
    """Raises NoSuchRevision, InvalidRequest."""
    wanted = to or _before(deployment, revisions)
    found = next((each for each in revisions if each.number == wanted), None)
    if found is None or deployment.target is None:
        raise NoSuchRevision(
            name=deployment.name, what=f"revision {to}" if to else "revision before this one"
        )
    # Left open, it would keep as many as there are now.
    return _settled_run(deployment, with_replicas(found.pipeline, count_of(found.pipeline)))


def live_again(deployment: Deployment, revisions: Sequence[Revision]) -> Run:
    """As often as there are now. Raises NoSuchRevision, InvalidRequest."""
    return _settled_run(deployment, _live(deployment, revisions).pipeline)


def scaled(deployment: Deployment, revisions: Sequence[Revision], replicas: int) -> Run:
    """What is live, so many times. Raises NoSuchRevision, InvalidRequest."""
    return _settled_run(deployment, with_replicas(_live(deployment, revisions).pipeline, replicas))


def _live(deployment: Deployment, revisions: Sequence[Revision]) -> Revision:
    live = next((each for each in revisions if each.number == deployment.live_revision), None)
    if live is None or deployment.target is None:
        raise NoSuchRevision(name=deployment.name, what="live revision")
    return live


def _settled_run(deployment: Deployment, pipeline: Pipeline) -> Run:
    args = {
        "pipeline": pipeline.model_dump(mode="json", exclude_none=True),
        "inputs": {},
        "declared_inputs": {},
        "target": str(deployment.target),
        "name": None,
    }
    refuse_references(args)
    return Run(DEPLOY, args, deployment.name, deployment.name, (deployment.name,))


def _before(deployment: Deployment, revisions: Sequence[Revision]) -> int:
    """Where an update failed, what still runs; else what ran before; 0 where there was nothing."""
    if deployment.live_revision and deployment.live_revision != deployment.revision:
        return deployment.live_revision
    earlier = (each.number for each in revisions if each.number < deployment.revision)
    return max(earlier, default=0)


async def load_components(windmill: Windmill) -> dict[str, Component]:
    stored = await windmill.resource(COMPONENTS)
    if not isinstance(stored, dict):
        raise WindmillRefused(what="show the components", reason=f"{COMPONENTS} is not there")
    try:
        return {name: Component.model_validate(item) for name, item in stored.items()}
    except ValidationError as error:
        reason = f"{COMPONENTS} does not hold components ({error.error_count()} errors)"
        raise WindmillRefused(what="show the components", reason=reason) from error


async def start(windmill: Windmill, run: Run, idempotency_key: str | None) -> str:
    """The tracking id; the same key and request start nothing twice."""
    if idempotency_key is None:
        return await windmill.run_flow(run.flow, run.args)
    job_id = str(uuid.uuid5(IDEMPOTENT_RUNS, idempotency_key))
    if await _already_started(windmill, job_id, run):
        return job_id
    try:
        return await windmill.run_flow(run.flow, run.args, job_id)
    except WindmillRefused:
        # Another request with this key may have come between our look and our call.
        if await _already_started(windmill, job_id, run):
            return job_id
        raise


async def _already_started(windmill: Windmill, job_id: str, run: Run) -> bool:
    job = await windmill.job(job_id)
    if job is None:
        return False
    if job.script_path != run.flow or (job.args or {}) != run.args:
        raise KeyReused
    return True


async def start_event(windmill: Windmill, run: Run, event_id: str) -> str:
    """The tracking id. Windmill's jobs are what remembers the events: BadSignature for a replay."""
    job_id = str(uuid.uuid5(EVENT_RUNS, event_id))
    if await windmill.job(job_id):
        raise BadSignature
    try:
        return await windmill.run_flow(run.flow, run.args, job_id)
    except WindmillRefused as error:
        # The same event may have come a second time between our look and our call.
        if await windmill.job(job_id):
            raise BadSignature from error
        raise


async def start_git_push(windmill: Windmill, job_id: str, event: Mapping[str, str]) -> str:
    """The tracking id; the same again where it was started already."""
    if await windmill.job(job_id):
        return job_id
    try:
        return await windmill.run_flow(GIT_PUSH, {"event": dict(event)}, job_id)
    except WindmillRefused:
        # The same event may have come a second time between our look and our call.
        if await windmill.job(job_id):
            return job_id
        raise
