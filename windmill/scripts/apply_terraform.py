"""Plan and apply the deployment's Terraform; an empty plan applies nothing.

Gives `changes`: whether there was anything to change, `actions`: what was done to which resource,
and the `outputs` of Terraform.
"""

from typing import Any

from .provision.terraform import Plan, Terraform
from .provision.workdir import terraform_folder
from .store.opened import open_registry
from .targets.selection import target_of
from .worker.cpu_throttler import throttle
from .worker.instance import asset


def main(deployment_id: str) -> dict[str, Any]:
    throttle()
    registry = open_registry()
    deployment = registry.require(deployment_id)
    folder = terraform_folder(deployment_id)
    with target_of(deployment).surroundings(deployment) as surroundings:
        terraform = Terraform(folder, on_line=print, surroundings=surroundings)
        terraform.write(registry.root_config(deployment_id), asset("terraform"))
        terraform.init()
        plan = terraform.plan()
        registry.record(deployment_id, "apply", _summary(plan), data=_actions(plan))
        if plan.changes:
            registry.mark_changed(deployment_id)
            terraform.apply(plan)
        return {"changes": plan.changes, **_actions(plan), "outputs": terraform.outputs()}


def _summary(plan: Plan) -> str:
    return f"{len(plan.actions)} changes planned" if plan.changes else "nothing to change"


def _actions(plan: Plan) -> dict[str, Any]:
    return {"actions": [{"address": a.address, "kind": a.kind} for a in plan.actions]}
