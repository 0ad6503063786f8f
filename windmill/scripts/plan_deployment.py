"""What deploying would do. Nothing is registered, created or rented.

Gives of a drawing what `model.show.deployment_plan.DeploymentPlan` says, and of an entry of steps
what `model.show.whole_plan.WholePlan` does.
"""

import json
from typing import Any

from .model.base.windmill_paths import ONLY_WITH, WITH_TERRAFORM
from .model.cost.spending import allowance
from .targets.planning.here import planner_here, wholes


def main(request: str) -> dict[str, Any]:
    """`request`: JSON of the arguments that the flow would get; with `entry`, of that entry's."""
    asked = json.loads(request)
    allowance(asked.get("max_hourly_usd"))
    planner = planner_here(asked.get(ONLY_WITH), bool(asked.get(WITH_TERRAFORM)))
    if "entry" in asked:
        (whole,) = wholes(asked["entry"], [asked], planner)
        print(f"{whole.name}: {whole.action}, {len(whole.steps)} steps")
        return whole.model_dump(mode="json")
    plan = planner.plan(asked)
    print(f"{plan.name}: {plan.action}, {len(plan.candidates)} candidates")
    return plan.model_dump(mode="json")
