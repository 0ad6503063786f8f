"""Settle where the pipeline runs, as which revision and on which ports."""

from collections.abc import Mapping
from typing import Any

from .model.base.errors import TargetRefused
from .model.cost.offer import Offer
from .model.drawing.component import Component
from .model.drawing.deployment import Target
from .model.drawing.pipeline import Pipeline
from .provision.free_ports import choose_ports
from .provision.local_host import NEEDS_GPU_TARGET, SERVICES, not_offered, require_local_host
from .store.opened import open_registry
from .worker.instance import components


def main(deployment_id: str, target: str) -> dict[str, Any]:
    registry = open_registry()
    candidates = offers(target)
    require_offered(registry.pipeline(deployment_id), components())
    chosen = candidates[0].target
    ports = choose_ports(SERVICES, registry.ports_in_use())
    deployment = registry.assign_target(deployment_id, chosen, ports)
    print(f"target {chosen}, revision {deployment.revision}, ports {deployment.ports}")
    return {
        "target": chosen.value,
        "revision": deployment.revision,
        "candidates": [offer.model_dump(mode="json") for offer in candidates],
    }


def require_offered(pipeline: Pipeline, known: Mapping[str, Component]) -> None:
    """Raises TargetRefused where this host lacks what the pipeline needs."""
    reasons = list(not_offered(pipeline, known))
    if reasons:
        reason = f"{'; '.join(reasons)}. {NEEDS_GPU_TARGET}"
        raise TargetRefused(target=Target.local.value, reason=reason)


def offers(target: str) -> list[Offer]:
    """Candidates, best first. Raises TargetRefused."""
    if target not in {Target.local, Target.auto}:
        reason = "this version provisions `local` only."
        raise TargetRefused(target=target, reason=reason)
    require_local_host()
    reason = "this machine costs nothing more" if target == Target.auto else "asked for"
    return [Offer(target=Target.local, name="this machine", hourly_usd=0.0, reason=reason)]
