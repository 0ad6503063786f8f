"""Settle where the pipeline runs, as which revision and on which ports.

Gives `target`, `revision` and `candidates`: what else there was, each with the price and the
reason.
"""

import json
from typing import Any

from .store.opened import open_registry
from .targets.registry import TARGETS
from .targets.selection import candidates
from .worker.instance import components


def main(deployment_id: str, target: str) -> dict[str, Any]:
    """`target`: as JSON."""
    registry = open_registry()
    offers = candidates(json.loads(target), registry.pipeline(deployment_id), components())
    chosen = offers[0].target
    machine = TARGETS[chosen].machine(registry.require(deployment_id))
    ports = TARGETS[chosen].ports(registry.ports_in_use())
    deployment = registry.assign_target(deployment_id, chosen, ports, machine)
    print(f"target {chosen}, revision {deployment.revision}, ports {deployment.ports}")
    return {
        "target": chosen.value,
        "revision": deployment.revision,
        "candidates": [offer.model_dump(mode="json") for offer in offers],
    }
