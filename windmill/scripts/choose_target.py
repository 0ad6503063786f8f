"""Settle where the pipeline runs, as which revision and on which ports."""

from typing import Any

from .model.deployment import Target
from .model.errors import TargetRefused
from .model.offer import Offer
from .provision.local_host import SERVICES, require_local_host
from .provision.ports import choose_ports
from .store.opened import open_registry


def main(deployment_id: str, target: str) -> dict[str, Any]:
    registry = open_registry()
    candidates = offers(target)
    chosen = candidates[0].target
    ports = choose_ports(SERVICES, registry.ports_in_use())
    deployment = registry.settle(deployment_id, chosen, ports)
    print(f"target {chosen}, revision {deployment.revision}, ports {deployment.ports}")
    return {
        "target": chosen.value,
        "revision": deployment.revision,
        "candidates": [offer.model_dump(mode="json") for offer in candidates],
    }


def offers(target: str) -> list[Offer]:
    """Candidates, best first. Raises TargetRefused."""
    if target not in {Target.local, Target.auto}:
        reason = "this version provisions `local` only."
        raise TargetRefused(target=target, reason=reason)
    require_local_host()
    reason = "this machine costs nothing more" if target == Target.auto else "asked for"
    return [Offer(target=Target.local, name="this machine", hourly_usd=0.0, reason=reason)]
