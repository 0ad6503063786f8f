"""Plan and apply the deployment's Terraform; an empty plan applies nothing.

Where the target rents machines, one is rented before: Terraform holds what it is.

Gives `changes`: whether there was anything to change, `actions`: what was done to which resource,
`words`: the plan as people read it, and the `outputs` of Terraform.
"""

import json
from collections.abc import Iterator
from typing import Any

from .model.cost.choice import explained
from .model.cost.offer import Offer
from .model.drawing.deployment import Deployment
from .provision.states.shared_state import shared_state
from .provision.terraform import Plan, Terraform
from .provision.workdir import terraform_folder
from .store.figures.reserve import reserve_of, within_first
from .store.opened import open_registry
from .store.registry import Registry
from .targets.listed_offers import baselines
from .targets.protocol import Order
from .targets.rental.hiring import hired, is_rented
from .targets.root import root_of
from .targets.selection import candidates, target_of
from .worker.cpu_throttler import throttle
from .worker.instance import asset, components, key_of


def main(deployment_id: str, more: str = "null") -> dict[str, Any]:
    """`more`: as JSON, what a machine may cost `up_to_usd` an hour where none can be had for less,
    of the `whole_usd` that all of the run may."""
    throttle()
    registry = open_registry()
    deployment = registry.require(deployment_id)
    if is_rented(deployment):
        registry.keep_root_config(deployment_id, _on_a_rented_machine(registry, deployment, more))
    folder = terraform_folder(deployment_id)
    with target_of(deployment).surroundings(deployment) as surroundings:
        shared = shared_state(registry.engine, deployment_id, deployment.run_id)
        terraform = Terraform(folder, on_line=print, surroundings=surroundings, shared=shared)
        terraform.write(registry.root_config(deployment_id), asset("terraform"))
        terraform.init()
        plan = terraform.plan()
        registry.record(deployment_id, "apply", _summary(plan), data=_actions(plan))
        print(*plan.words or ("nothing to change",), sep="\n", flush=True)
        if plan.changes:
            registry.mark_changed(deployment_id)
            terraform.apply(plan)
        return {"changes": plan.changes, **_actions(plan), "outputs": terraform.outputs()}


def _on_a_rented_machine(registry: Registry, deployment: Deployment, more: str) -> dict[str, Any]:
    """Raises NothingRented, RentalError."""
    pipeline, known = registry.pipeline(deployment.id), components()
    reserve = reserve_of(json.loads(more), registry, deployment.id)

    def offers() -> Iterator[Offer]:
        wanted = reserve.widened(pipeline)
        found = candidates(str(deployment.target), wanted, known, {}, baselines())
        yield from within_first(map(explained, found), pipeline.compute.max_hourly_usd)

    def say(line: str) -> None:
        print(line, flush=True)
        registry.record(deployment.id, "rent", line)

    machine = hired(
        registry, deployment, pipeline, offers(), key_of(deployment.id), say, reserve.may_cost
    )
    return root_of(Order(deployment, pipeline, known, machine))


def _summary(plan: Plan) -> str:
    return f"{len(plan.actions)} changes planned" if plan.changes else "nothing to change"


def _actions(plan: Plan) -> dict[str, Any]:
    done = [{"address": each.address, "kind": each.kind} for each in plan.actions]
    return {"actions": done, "words": list(plan.words)}
