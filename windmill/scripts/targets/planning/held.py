"""What a run costs with the machines that it is on already: asked where today's prices say no."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ...model.base.errors import MlopsError
from ...model.cost.budget import Check
from ...model.cost.prices import usd
from ...model.show.whole_plan import PlannedStep, WholePlan
from .here import planner_here, wholes
from .whole import may_cost_more


def with_what_is_held(asked: Check, args: Mapping[str, Any]) -> float | None:
    """USD an hour of the entry, or of its one step, that `args` are of; None where that is over
    its budget too, or is not known.
    """
    kind, name, *step = asked.level.split("/", 2)
    try:
        (plan,) = wholes(f"{kind}/{name}", [args], planner_here(None, with_terraform=False))
    except (MlopsError, KeyError):
        return None
    return within(asked, plan, "".join(step))


def within(asked: Check, plan: WholePlan, step: str = "") -> float | None:
    """USD an hour of all of it, or of one step; None where that is over a limit, or unknown."""
    steps = [each for each in plan.steps if not step or f"{each.path}/".startswith(f"{step}/")]
    if plan.left_off or any(each.refused or may_cost_more(each) for each in steps):
        return None
    hourly = sum((usd(each.hourly_usd or 0) for each in steps), Decimal(0))
    fits = _fits(hourly, asked.budget.max_hourly_usd) and _fits_a_run(hourly, asked, steps)
    return float(hourly) if fits else None


def _fits(spent: Decimal, limit: float | None) -> bool:
    return limit is None or spent <= usd(limit)


def _fits_a_run(hourly: Decimal, asked: Check, steps: Sequence[PlannedStep]) -> bool:
    """Where all take as long; which of them takes how long, the plan does not tell."""
    limit = asked.budget.max_run_usd
    hours = {each.hours for each in asked.requests if each.count}
    if limit is None or not any(each.hourly_usd for each in steps):
        return True
    (one,) = hours if len(hours) == 1 else (None,)
    return one is not None and _fits(hourly * usd(one), limit)
