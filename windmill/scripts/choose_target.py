"""Settle where the pipeline runs, as which revision and on which ports.

Gives `target`, `revision` and `candidates`: what else there was, each with the price and the
reason.
"""

import json
from typing import Any

from .model.base.errors import DeploymentElsewhere
from .model.base.target import Target
from .model.drawing.deployment import Deployment
from .model.drawing.place import HostPlace
from .store.opened import open_registry
from .targets.registry import TARGETS
from .targets.selection import candidates
from .worker.instance import components


def main(deployment_id: str, target: str, settings: str = "{}") -> dict[str, Any]:
    """`target`: as JSON. `settings`: of the target, as JSON."""
    registry = open_registry()
    told = json.loads(settings)
    pipeline = registry.pipeline(deployment_id)
    offers = candidates(json.loads(target), pipeline, components(), told)
    chosen = offers[0].target
    before = registry.require(deployment_id)
    machine = TARGETS[chosen].machine(before)
    there = TARGETS[chosen].place(told, before, registry.list())
    require_same_place(before, chosen, there.place)
    deployment = registry.assign_target(deployment_id, chosen, there.ports, machine, there.place)
    print(f"target {chosen}, revision {deployment.revision}, ports {deployment.ports}")
    return {
        "target": chosen.value,
        "revision": deployment.revision,
        "candidates": [offer.model_dump(mode="json") for offer in offers],
    }


def require_same_place(before: Deployment, target: Target, place: HostPlace | None) -> None:
    """Whoever moves must leave first: what is elsewhere would be forgotten there."""
    here, there = _shown(before.target, before.place), _shown(target, place)
    if before.ports and here != there:
        raise DeploymentElsewhere(name=before.name, here=here, there=there)


def _shown(target: Target | None, place: HostPlace | None) -> str:
    return f"{target} {place.identity}" if place else str(target)
