"""Settle where the pipeline runs, as which revision and on which ports.

Gives `target`, `revision` and `candidates`: what else there was, each with the price and the
reason, the first of which was taken. What is on a rented machine that does for it stays there.
`up_to_usd`: what a machine may cost an hour where none can be had for what was taken of the whole,
and `whole_usd`: that of all together; both null where it may cost no more.
"""

import json
from typing import Any

from .model.base.target import RENTED
from .model.base.windmill_paths import ENTRY_CHECK
from .model.cost.budget import Share, share_of
from .model.cost.choice import explained, price_of
from .model.cost.offer import Offer
from .model.cost.optimizer import Candidate
from .model.cost.spending import allowance, capped_at, permitted
from .model.drawing.deployment import Deployment
from .model.drawing.pipeline import Pipeline
from .store.figures.allotting import Allotments
from .store.opened import open_registry
from .store.registry import May, Registry
from .targets.listed_offers import baselines
from .targets.registry import TARGETS
from .targets.rental.hiring import has_rented, held
from .targets.selection import candidates, require_one_in_docker, require_same_place
from .worker.instance import components, given_by, started_by


def main(
    deployment_id: str,
    target: str,
    settings: str = "{}",
    limit: str = "null",
    approve: str = "false",
) -> dict[str, Any]:
    """`target`: as JSON. `settings`: of the target, as JSON. `limit`: what it may cost an hour in
    USD, as JSON. `approve`: as JSON, whether somebody is asked before anything is rented."""
    registry = open_registry()
    asked, told, most = json.loads(target), json.loads(settings), allowance(json.loads(limit))
    before = registry.require(deployment_id)
    pipeline, kept, whole = _limited(registry, before, most, asked)
    found = candidates(asked, pipeline, components(), told, baselines(), kept)
    ordered, pipeline = permitted(found, pipeline, json.loads(approve))
    chosen = ordered[0].offer.target
    machine = TARGETS[chosen].machine(before)
    there = TARGETS[chosen].place(told, before, registry.list())
    require_one_in_docker(pipeline, there.place)
    require_same_place(before, chosen, there.place, has_rented(registry, before))
    price = None if chosen in RENTED else price_of(explained(ordered[0]))
    most, may, more = _taken(registry, before, pipeline, ordered[0].offer, kept, asked, whole)
    deployment = registry.assign_target(
        deployment_id, chosen, there.ports, machine, there.place, price, most, may
    )
    print(f"target {chosen}, revision {deployment.revision}, ports {deployment.ports}")
    return {
        "target": chosen.value,
        "revision": deployment.revision,
        "candidates": [each.model_dump(mode="json") for each in ordered],
        **more,
    }


def _limited(
    registry: Registry, before: Deployment, said: float | None, target: str
) -> tuple[Pipeline, Candidate | None, dict[str, Any]]:
    """What it may cost, the machine that it stays on, where it does, and what was found out about
    all that is deployed together."""
    most = _allowed_before(registry, before) if said is None else said
    pipeline = capped_at(registry.pipeline(before.id), most)
    kept = held(registry, before, pipeline)
    if pipeline.compute.max_hourly_usd is None:
        return pipeline, kept, {}
    whole = given_by(started_by(), ENTRY_CHECK)
    if kept is None:
        pipeline = capped_at(pipeline, _share(pipeline, target, whole))
        pipeline = capped_at(pipeline, _left(registry, before, whole))
    return pipeline, kept, whole


def _left(registry: Registry, before: Deployment, whole: dict[str, Any]) -> float | None:
    most = whole.get("max_hourly_usd")
    return None if most is None else Allotments(registry).left(before.id, most)


def _share(pipeline: Pipeline, target: str, whole: dict[str, Any]) -> float | None:
    """Of what all that is deployed together may cost: another one may still need the rest."""
    found = [Share.model_validate(each) for each in whole.get("shares") or ()]
    return share_of(found, pipeline.compute, target)


def _taken(
    registry: Registry,
    before: Deployment,
    pipeline: Pipeline,
    best: Offer,
    kept: Candidate | None,
    target: str,
    whole: dict[str, Any],
) -> tuple[float | None, May | None, dict[str, float | None]]:
    """What it may cost, what agrees to that, and what it may cost beyond. Where nobody knows how
    many there will be, it takes what the best costs, and more only once that cannot be had: it may
    be another's."""
    most, all_together = pipeline.compute.max_hourly_usd, whole.get("max_hourly_usd")
    if best.target not in RENTED or all_together is None:
        return most, None, _beyond(None, None)
    has_share = kept is None and _share(pipeline, target, whole) is not None
    part = max(most or 0, best.hourly_usd) if has_share else best.hourly_usd
    fixed = has_share or kept is not None
    beyond = _beyond(None, None) if fixed else _beyond(most, all_together)
    return part, Allotments(registry).taking(before.id, all_together, part), beyond


def _beyond(up_to: float | None, whole: float | None) -> dict[str, float | None]:
    return {"up_to_usd": up_to, "whole_usd": whole}


def _allowed_before(registry: Registry, before: Deployment) -> float | None:
    """What runs may go on costing what it was allowed to."""
    live = (r for r in registry.revisions(before.id) if r.number == before.live_revision)
    return next((each.pipeline.compute.max_hourly_usd for each in live), None)
