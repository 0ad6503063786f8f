"""Ask people whether a step may go on; the flow waits until they answer.

Gives `message`, `step` and `told`: whether n8n took the question. `plan` and `description`, which
Windmill shows on its page: what the step would deploy.
"""

import json
from collections.abc import Sequence
from typing import Any

import wmill

from .model.base.errors import MlopsError
from .model.cost.optimizer import Candidate
from .model.show.plan_words import words
from .store.opened import open_registry_to_read
from .targets.planning.approval import approval_words
from .targets.planning.here import planner_here, wholes
from .worker.cpu_throttler import throttle
from .worker.instance import asset, components, only_with, started_by, this_job
from .worker.notifications import NotDelivered, ask, deliver

SECONDS_OF_A_DAY = 86400


def main(
    message: str, step: str, plan: str = "null", seconds: int = SECONDS_OF_A_DAY
) -> dict[str, Any]:
    """`plan`: as JSON, the `entry` that the step deploys and the `calls` of it, or the
    `deployment_id` that waits and the `candidates` chosen for it; null: none. `seconds`: how long
    the flow waits."""
    lines = _lines(json.loads(plan))
    text = "\n".join([message, *lines])
    print(f"{step} waits for an answer: {text}")
    try:
        told = _asked(f"{step}: {message}", text, seconds)
    except NotDelivered as error:
        print(f"nobody was told: {error}")
        told = False
    return {"message": message, "step": step, "told": told, "plan": lines, "description": text}


def _asked(subject: str, text: str, seconds: int) -> bool:
    """Windmill's own page answers where our n8n does not."""
    if ask(subject, text, started_by(), this_job(), seconds):
        return True
    return deliver(subject, f"{text}\n{wmill.get_resume_urls()['approvalPage']}")


def _lines(asked: dict[str, Any] | None) -> list[str]:
    """Who is asked is told also that there is no plan."""
    if asked is None:
        return []
    try:
        if "deployment_id" in asked:
            return _of_deployment(asked["deployment_id"], asked["candidates"])
        planner = planner_here(only_with(started_by()), with_terraform=True)
        return list(words(wholes(asked["entry"], asked["calls"], planner)))
    except MlopsError as error:
        return [f"what it would do cannot be told: {error.message}"]


def _of_deployment(deployment_id: str, chosen: Sequence[Any]) -> list[str]:
    throttle()
    found = [Candidate.model_validate(each) for each in chosen]
    registry = open_registry_to_read()
    return approval_words(registry, deployment_id, found, components(), asset("terraform"))
