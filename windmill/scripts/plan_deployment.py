"""What deploying a drawn pipeline would do. Nothing is registered, created or rented.

Gives what `model.show.deployment_plan.DeploymentPlan` says.
"""

import json
from typing import Any

from .model.base.names import fitting
from .model.base.windmill_paths import ONLY_WITH
from .model.cost.spending import allowance, capped_at
from .model.drawing.component import Component
from .model.drawing.pipeline import Pipeline
from .provision.llms.litellm_models import refuse_others
from .store.opened import open_registry_to_read
from .targets.listed_offers import baselines
from .targets.plan import planned
from .targets.resolution import resolve_pipeline
from .worker.instance import components
from .worker.replicas import as_many_as_live


def main(request: str) -> dict[str, Any]:
    """`request`: JSON of the arguments that the flow would get."""
    asked = json.loads(request)
    known, target = components(), asked.get("target")
    registry = open_registry_to_read()
    settled = as_many_as_live(_settled(asked, known), registry)
    only = asked.get(ONLY_WITH)
    refuse_others(settled, registry.list(), None if only is None else frozenset(only))
    plan = planned(settled, known, registry, target, asked.get("target_settings"), baselines())
    print(f"{plan.name}: {plan.action}, {len(plan.candidates)} candidates")
    return plan.model_dump(mode="json")


def _settled(asked: dict[str, Any], known: dict[str, Component]) -> Pipeline:
    pipeline, name = asked.get("pipeline") or {}, asked.get("name")
    drawn = {**pipeline, "name": fitting(name) if name else pipeline.get("name")}
    inputs, declared = asked.get("inputs") or {}, asked.get("declared_inputs") or {}
    # What does not fit is refused by the choice of a target, beside what else there is.
    settled = resolve_pipeline(drawn, known, inputs, declared, None)
    return capped_at(settled, allowance(asked.get("max_hourly_usd")))
