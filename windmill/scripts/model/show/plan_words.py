"""A plan in a few plain lines: what people are shown who are asked whether a step may go on."""

from collections.abc import Iterator, Sequence

from ..cost.occurrences import Runs
from ..cost.prices import shown
from .deployment_plan import Action, DeploymentPlan
from .whole_plan import PlannedStep, WholePlan

MOST_LINES, MOST_LETTERS = 30, 300
DOES = {
    Action.create: "would be created",
    Action.update: "would be updated",
    Action.nothing: "nothing would change",
    Action.refused: "would not be deployed as it is",
}
SIGNS = {Action.create: "+", Action.update: "~", Action.nothing: "=", Action.refused: "!"}


def words(plans: Sequence[WholePlan]) -> tuple[str, ...]:
    """Bounded, however much there is."""
    lines = [line for plan in plans for line in _of_whole(plan)]
    more = len(lines) - MOST_LINES
    kept = [line if len(line) <= MOST_LETTERS else f"{line[:MOST_LETTERS]}…" for line in lines]
    return (*kept[:MOST_LINES], f"and {more} lines more") if more > 0 else tuple(kept)


def _of_whole(plan: WholePlan) -> Iterator[str]:
    least = "at least " if plan.at_least else ""
    price = f"{least}{shown(plan.hourly_usd)} USD an hour"
    yield f"{plan.name}: {DOES[plan.action]}; {price}, {_budget(plan.max_hourly_usd)}"
    yield from (f"refused: {reason}" for reason in plan.refused)
    for step in plan.steps:
        yield from _of_step(step)
    if plan.left_off:
        yield f"and {plan.left_off} more that were not looked at"


def _budget(limit: float | None) -> str:
    return "no budget" if limit is None else f"budget {shown(limit)}"


def _of_step(step: PlannedStep) -> Iterator[str]:
    place = f"{step.path}: " if step.path else ""
    if step.runs == Runs.no:
        yield f"- {place}{step.use} is not run ({step.why})"
    elif step.refused:
        yield f"! {place}{step.use}: {step.refused}"
    elif step.plan is None:
        yield f"> {place}{step.use} is run"
    else:
        yield f"{SIGNS[step.plan.action]} {place}{'; '.join(_told(step, step.plan))}"
        yield from (f"  terraform: {line}" for line in step.plan.terraform)
        if step.plan.terraform_note:
            yield f"  terraform: {step.plan.terraform_note}"


def _told(step: PlannedStep, plan: DeploymentPlan) -> Iterator[str]:
    offer = plan.candidates[0].offer.name if plan.candidates and plan.target else ""
    where = " ".join(filter(None, (plan.target or "a target that is asked for", offer)))
    yield f"{plan.name} on {where}"
    yield "price not known yet" if step.hourly_usd is None else _price(step.hourly_usd)
    if plan.live:
        yield f"in place of revision {plan.live.revision}, which is {plan.live.state}"
    changed = [f"{each.change} {each.what}" for each in plan.changes]
    if changed:
        yield ", ".join(changed)
    if step.why:
        yield f"known only while it runs: {step.why}"
    if step.unknown:
        yield f"not known yet: {', '.join(step.unknown)}"


def _price(hourly: float) -> str:
    return f"{shown(hourly)} USD an hour" if hourly else "free"
