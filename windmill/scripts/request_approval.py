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
from .worker.instance import asset, components, only_with, started_by
from .worker.notifications import NotDelivered, deliver


def main(message: str, step: str, plan: str = "null") -> dict[str, Any]:
    """`plan`: as JSON, the `entry` that the step deploys and the `calls` of it, or the
    `deployment_id` that waits and the `candidates` chosen for it; null: none."""
    urls, lines = wmill.get_resume_urls(), _lines(json.loads(plan))
    text = "\n".join([message, *lines])
    print(f"{step} waits for an answer: {text}")
    try:
        told = deliver(f"{step}: {message}", f"{text}\n{urls['approvalPage']}")
    except NotDelivered as error:
        print(f"nobody was told: {error}")
        told = False
    return {"message": message, "step": step, "told": told, "plan": lines, "description": text}


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
