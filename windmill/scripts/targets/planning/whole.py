"""From an entry of steps to what deploying all of it would do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from typing import Any

from ...model.base.errors import MlopsError
from ...model.base.target import Target
from ...model.compile.budget_check import capped
from ...model.compile.compile_catalog import PLATFORM_S_OWN
from ...model.cost.cost import Over, Pricing
from ...model.cost.expansion import Expansion, rents
from ...model.cost.occurrences import Call, Occurrence, Runs, least, occurrences
from ...model.cost.offer import cheapest
from ...model.cost.prices import shown, usd
from ...model.drawing.pipeline import Compute
from ...model.entry.entry import Entry
from ...model.entry.javascript import Literal
from ...model.show.deployment_plan import Action, DeploymentPlan
from ...model.show.whole_plan import PlannedStep, WholePlan
from .planner import Planner

# A list may be as long as its caller likes; an answer may not.
MOST_STEPS, MOST_COUNTED = 100, 10_000
MOST_CANDIDATES, MOST_REFUSED = 3, 5
# Each takes Terraform a second or two.
MOST_TERRAFORM = 5
MEND = "Choose a cheaper target, or allow more: `--max-hourly`, or the `budget` of the entry."


def whole(
    entries: Mapping[str, Entry], key: str, args: Mapping[str, Any], planner: Planner
) -> WholePlan:
    """`args`: of the entry's flow."""
    uses = occurrences(entries, key, args)
    told = [*islice(uses, MOST_STEPS)]
    left_off = sum(1 for _ in islice(uses, MOST_COUNTED))
    drawn = [each for each in told if each.runs != Runs.no and each.call.entry.graph is not None]
    without = replace(planner, modules=None)
    steps = [_step(each, planner if each in drawn[:MOST_TERRAFORM] else without) for each in told]
    name = str(args.get("name") or entries[key].name)
    total = sum((usd(each.hourly_usd or 0) for each in steps), Decimal(0))
    most = least(args.get("max_hourly_usd"), entries[key].budget)
    is_known = not left_off and not any(map(may_cost_more, steps))
    over = _over_budget(entries, key, args, planner)
    dear = [each for each in over if not (is_known and _is_kept(each, total))]
    refused = [*_over(total, most), *map(_told, dear)]
    fixes = [MEND] if refused else [each.fix for each in steps if each.fix]
    return WholePlan(
        action=_action(steps, refused),
        name=name,
        entry=key,
        hourly_usd=float(total),
        at_least=not is_known,
        max_hourly_usd=most,
        steps=tuple(steps),
        left_off=left_off,
        stays=tuple(_stays(told, steps, name, planner)),
        refused=tuple(refused),
        fix=next(iter(fixes), ""),
    )


def _step(each: Occurrence, planner: Planner) -> PlannedStep:
    call, fields = each.call, dict[str, Any]()
    if each.runs != Runs.no and call.entry.graph is not None:
        fields = _deployed(call, planner)
    elif each.runs == Runs.no or not rents(call.entry):
        fields = {"hourly_usd": 0.0}
    else:
        fields = {"hourly_usd": _price(call, planner)}
    return PlannedStep(
        path=each.path,
        use=each.use,
        runs=each.runs,
        why=each.why,
        several=each.several,
        approval=each.approval,
        **fields,
    )


def _deployed(call: Call, planner: Planner) -> dict[str, Any]:
    asked, unknown = _asked(call)
    of_drawing = [name for name in unknown if name in asked["declared_inputs"]]
    try:
        plan = planner.plan(asked, of_drawing, is_named=call.name is not None)
    except MlopsError as error:
        return {"refused": error.message, "fix": error.fix, "unknown": tuple(unknown)}
    told = _bounded(plan)
    reasons = "; ".join(each.reason for each in told.refused)
    is_refused = plan.action == Action.refused
    return {
        "plan": told,
        "unknown": tuple(unknown),
        "hourly_usd": plan.hourly_usd,
        **({"refused": reasons, "fix": plan.fix} if is_refused else {}),
    }


def _asked(call: Call) -> tuple[dict[str, Any], list[str]]:
    """What the deploying flow would be called with, and the names of what nobody knows yet."""
    entry = call.entry
    declared = {n: schema for n, schema in entry.inputs.items() if n not in PLATFORM_S_OWN}
    named = {"target": call.target, "target_settings": call.settings, "name": call.name}
    known = {name: each.value for name, each in named.items() if isinstance(each, Literal)}
    inputs = {name: call.given.get(name, Literal(None)) for name in declared}
    told = {name: each.value for name, each in inputs.items() if isinstance(each, Literal)}
    asked = {
        "pipeline": capped(entry).model_dump(mode="json", exclude_none=True),
        "declared_inputs": declared,
        "inputs": told,
        "max_hourly_usd": call.limit,
        **known,
    }
    unknown = [name for name, each in {**inputs, **named}.items() if not isinstance(each, Literal)]
    return asked, unknown


def _bounded(plan: DeploymentPlan) -> DeploymentPlan:
    """A plan of the pipeline alone tells all that there is."""
    return plan.model_copy(
        update={
            "candidates": plan.candidates[:MOST_CANDIDATES],
            "refused": plan.refused[:MOST_REFUSED],
        }
    )


def _price(call: Call, planner: Planner) -> float | None:
    """Of a playbook that says what it needs: the cheapest that fits."""
    target = str(call.target.value) if isinstance(call.target, Literal) else ""
    if target not in {*Target}:
        return None
    offers = planner.market.offers(call.entry.compute or Compute())
    allowed = call.entry.targets or tuple(Target)
    found = cheapest((each for each in offers if each.target in allowed), Target(target))
    return found.hourly_usd if found else None


def _action(steps: Sequence[PlannedStep], refused: Sequence[str]) -> Action:
    running = [each for each in steps if each.runs != Runs.no]
    if refused or any(each.refused for each in running):
        return Action.refused
    actions = {each.plan.action for each in running if each.plan}
    if actions == {Action.create}:
        return Action.create
    return Action.update if actions - {Action.nothing} else Action.nothing


def may_cost_more(step: PlannedStep) -> bool:
    """More machines of it may come, or what it costs is known only while it runs."""
    if step.runs == Runs.no or step.refused:
        return False
    return step.hourly_usd is None or (step.several and step.hourly_usd > 0)


def _over(total: Decimal, most: float | None) -> Iterator[str]:
    if most is not None and total > usd(most):
        by, allowed = shown(total - usd(most)), shown(most)
        yield (
            f"together it would cost {shown(total)} USD an hour, {by} more than the {allowed} "
            "that it may"
        )


def _over_budget(
    entries: Mapping[str, Entry], key: str, args: Mapping[str, Any], planner: Planner
) -> Iterator[Over]:
    """By the cheapest that fits, as the flow itself looks before it spends."""
    expansion = Expansion(entries)
    if not any(each.budget or any(s.budget for s in each.steps or ()) for each in entries.values()):
        return
    given = {name: Literal(args.get(name)) for name in entries[key].inputs}
    level = expansion.of(key, given, Literal(args.get("target")))
    yield from (o for o in Pricing(planner.market).of(level).over if not o.why)


def _is_kept(over: Over, total: Decimal) -> bool:
    """The market's price is over the budget, and what is there already stays for less."""
    return not over.path and over.field.endswith("max_hourly_usd") and total <= over.limit


def _told(over: Over) -> str:
    per = "a run" if over.field.endswith("max_run_usd") else "an hour"
    spent, allowed = shown(over.amount), shown(over.limit)
    place = f"{over.path}: " if over.path else ""
    return f"{place}it would cost {spent} USD {per}, and {over.key} allows {allowed}"


def _stays(
    uses: Sequence[Occurrence], steps: Sequence[PlannedStep], name: str, planner: Planner
) -> Iterator[str]:
    """Nothing is told where names are known only while it runs."""
    if any(each.call.name is None for each in uses):
        return
    deployed = {each.plan.name for each in steps if each.plan}
    for each in planner.registry.parts(name):
        if each.name not in deployed:
            yield each.name
