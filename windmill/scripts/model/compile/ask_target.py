"""A target left open is asked for once, at the highest level that leaves it open."""

from typing import Any

from ..base.step_titles import ASK_FOR_TARGET, CHOOSE_TARGET
from ..base.target import Target
from ..base.windmill_paths import OUTPUTS_SCRIPT, REQUEST_TARGET
from ..entry.entry import Entry, Step
from ..entry.javascript import Js, literal, script_transform
from ..entry.rollup import Rollups

ID = "Target"
TARGET = Js(f"flow_input.target ?? results.{ID}.target")
GIVEN_SETTINGS = Js("flow_input.target_settings ?? null")
ASKED_SETTINGS = Js(f"flow_input.target_settings ?? results.{ID}.target_settings ?? null")
OWN = "${inputs.target}"
GIVEN_APPROVE = Js("flow_input.approve ?? null")
GIVEN_LIMIT = "flow_input.max_hourly_usd"
ASKED_LIMIT = f"{GIVEN_LIMIT} ?? results.{ID}?.max_hourly_usd"
ANSWER = (
    "({target: resume.target, target_settings: resume.target_settings ?? null, "
    "max_hourly_usd: resume.max_hourly_usd ?? null})"
)
LIMIT = {"type": "number", "minimum": 0, "title": "May cost an hour"}
Module = dict[str, Any]


def asks(entry: Entry, rollups: Rollups) -> bool:
    """Whether a step deploys somewhere that nobody up to here has chosen."""
    if entry.target or "default" in entry.inputs.get("target", {}):
        return False
    return any(rollup.deploys and is_open(step) for step, rollup in rollups.below(entry))


def limit(said: str, budget: float | None = None) -> Js:
    """A budget allows as much as it has, and no caller may say more."""
    if budget is None:
        return Js(f"{said} ?? null")
    return Js(f"Math.min({said} ?? {literal(budget)}, {literal(budget)})")


def is_open(step: Step) -> bool:
    return bool(step.with_.get("target", OWN) == OWN)


def target_module(entry: Entry) -> Module:
    """Whoever is called with a target goes straight on."""
    branch = {
        "summary": "Ask",
        "expr": "flow_input.target == null",
        "modules": [_ask(entry), _answered()],
    }
    value = {"type": "branchone", "branches": [branch], "default": []}
    return {"id": ID, "summary": CHOOSE_TARGET, "value": value}


def _ask(entry: Entry) -> Module:
    targets = [target.value for target in entry.targets or Target]
    form = {
        "type": "object",
        "required": ["target"],
        "properties": {
            "target": {"type": "string", "title": "Target", "enum": targets},
            "target_settings": {"type": "object", "title": "Settings of the target"},
            "max_hourly_usd": LIMIT,
        },
    }
    suspend = {"required_events": 1, "timeout": 86400, "resume_form": {"schema": form}}
    name = f"flow_input.name ?? {literal(entry.name)}"
    value = _script(REQUEST_TARGET, {"deployment_id": name})
    return {"id": "Ask", "summary": ASK_FOR_TARGET, "suspend": suspend, "value": value}


def _answered() -> Module:
    value = _script(OUTPUTS_SCRIPT, {"values": ANSWER})
    return {"id": "Answered", "summary": CHOOSE_TARGET, "value": value}


def _script(path: str, arguments: dict[str, str]) -> Module:
    transforms = {
        argument: script_transform(Js(expression)) for argument, expression in arguments.items()
    }
    return {"type": "script", "path": path, "input_transforms": transforms}
