"""Settle where the pipeline runs, as which revision and on which ports.

Gives `target`, `revision` and `candidates`: what else there was, each with the price and the
reason, the first of which was taken.
"""

import json
from typing import Any

from .model.cost.choice import price_of
from .store.opened import open_registry
from .targets.listed_offers import baselines
from .targets.registry import TARGETS
from .targets.rental.hiring import has_rented
from .targets.selection import candidates, require_same_place
from .worker.instance import components


def main(deployment_id: str, target: str, settings: str = "{}") -> dict[str, Any]:
    """`target`: as JSON. `settings`: of the target, as JSON."""
    registry = open_registry()
    told = json.loads(settings)
    pipeline = registry.pipeline(deployment_id)
    ordered = candidates(json.loads(target), pipeline, components(), told, baselines())
    chosen = ordered[0].offer.target
    before = registry.require(deployment_id)
    machine = TARGETS[chosen].machine(before)
    there = TARGETS[chosen].place(told, before, registry.list())
    require_same_place(before, chosen, there.place, has_rented(registry, before))
    deployment = registry.assign_target(
        deployment_id, chosen, there.ports, machine, there.place, price_of(ordered[0])
    )
    print(f"target {chosen}, revision {deployment.revision}, ports {deployment.ports}")
    return {
        "target": chosen.value,
        "revision": deployment.revision,
        "candidates": [each.model_dump(mode="json") for each in ordered],
    }
