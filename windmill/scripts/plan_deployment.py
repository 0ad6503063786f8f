"""What deploying would do. Nothing is registered, created or rented.

Gives of a drawing what `model.show.deployment_plan.DeploymentPlan` says, and of an entry of steps
what `model.show.whole_plan.WholePlan` does.
"""

import json
from typing import Any

from .model.base.windmill_paths import ONLY_WITH, WITH_TERRAFORM
from .model.cost.spending import allowance
from .model.entry.entry import Entry
from .store.opened import open_registry_to_read
from .targets.listed_offers import baselines
from .targets.planning.planner import Planner
from .targets.planning.settling import settled
from .targets.planning.terraform_plan import with_terraform
from .targets.planning.whole import whole
from .worker.cpu_throttler import throttle
from .worker.instance import asset, components


def main(request: str) -> dict[str, Any]:
    """`request`: JSON of the arguments that the flow would get; with `entry`, of that entry's."""
    asked = json.loads(request)
    only = asked.get(ONLY_WITH)
    names = None if only is None else frozenset(only)
    planner = Planner(components(), open_registry_to_read(), baselines(), names)
    if "entry" in asked:
        return _of_steps(asked["entry"], asked, planner)
    plan = planner.plan(asked)
    if asked.get(WITH_TERRAFORM):
        throttle()
        drawing, known = settled(asked, planner.components), planner.components
        plan = with_terraform(plan, drawing, known, planner.registry, asset("terraform"))
    print(f"{plan.name}: {plan.action}, {len(plan.candidates)} candidates")
    return plan.model_dump(mode="json")


def _of_steps(key: str, args: dict[str, Any], planner: Planner) -> dict[str, Any]:
    allowance(args.get("max_hourly_usd"))
    entries = {name: Entry.model_validate(each) for name, each in asset("entries").items()}
    plan = whole(entries, key, args, planner)
    print(f"{plan.name}: {plan.action}, {len(plan.steps)} steps")
    return plan.model_dump(mode="json")
