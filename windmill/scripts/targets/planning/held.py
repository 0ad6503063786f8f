"""What a run costs with the machines that it is on already: asked where today's prices say no."""

from collections.abc import Mapping
from typing import Any

from ...model.base.errors import MlopsError
from ...model.cost.budget import Check
from ...model.cost.prices import usd
from ...model.show.whole_plan import WholePlan
from .here import planner_here, wholes


def with_what_is_held(asked: Check, args: Mapping[str, Any]) -> float | None:
    """USD an hour of the whole entry, called with `args`; None where that is over its budget too,
    or is not known. A budget of a run, or of one step, is held against the market alone.
    """
    if asked.budget.max_run_usd is not None:
        return None
    try:
        (plan,) = wholes(asked.level, [args], planner_here(None, with_terraform=False))
    except (MlopsError, KeyError):  # a level that is no entry is a step of one
        return None
    return plan.hourly_usd if is_within(plan, asked.budget.max_hourly_usd) else None


def is_within(plan: WholePlan, limit: float | None) -> bool:
    known = not plan.at_least and not any(step.refused for step in plan.steps)
    return limit is not None and known and usd(plan.hourly_usd) <= usd(limit)
