"""A plan as a person reads it."""

from collections.abc import Iterator
from typing import Any

from cli.terminal import console
from cli.terminal.whole_plans import whole_lines
from windmill.scripts.model.cost.prices import shown

Doc = dict[str, Any]
SIGNS = {"added": "+", "removed": "-", "changed": "~"}
MOST_REFUSED = 10
COLUMNS = ["", "TARGET", "OFFER", "USD AN HOUR", ""]


def lines(plan: Doc) -> Iterator[str]:
    """Of one deployment, or of an entry of steps."""
    yield from whole_lines(plan) if "steps" in plan else _one(plan)


def _one(plan: Doc) -> Iterator[str]:
    yield console.bold(plan["name"]) + f": {_sentence(plan)}"
    yield from (f"  + {what}" for what in plan["creates"])
    yield from map(_change, plan["changes"])
    yield ""
    yield _money(plan)
    if plan["candidates"]:
        yield console.table([*_candidates(plan)], COLUMNS)
    if refused := plan["refused"]:
        yield f"\n{console.bold('refused')}"
        yield console.table([_refused(each) for each in refused[:MOST_REFUSED]], COLUMNS[1:])
        if len(refused) > MOST_REFUSED:
            yield f"and {len(refused) - MOST_REFUSED} more: --json tells all."
    yield from _terraform(plan)
    if plan["fix"]:
        yield plan["fix"]


def _terraform(plan: Doc) -> Iterator[str]:
    """Of an older gateway's plan nothing."""
    words, note = plan.get("terraform", ()), plan.get("terraform_note", "")
    if words or note:
        yield f"\n{console.bold('terraform')}"
        yield from (f"  {line}" for line in words)
    if note:
        yield f"  {note}"


def _sentence(plan: Doc) -> str:
    live, target = plan["live"], plan["target"] or "a target that the run will ask for"
    if plan["action"] == "refused":
        return "would not be deployed."
    if plan["action"] == "create":
        return f"would be created on {target}."
    if plan["action"] == "nothing":
        return f"nothing would change: revision {live['revision']} runs."
    return f"revision {live['revision']}, which is {live['state']}, would be updated on {target}."


def _change(change: Doc) -> str:
    names = f": {', '.join(change['settings'])}" if change["settings"] else ""
    return f"  {SIGNS[change['change']]} {change['what']}{names}"


def _money(plan: Doc) -> str:
    limit = plan["max_hourly_usd"]
    budget = "no budget" if limit is None else f"budget {shown(limit)} USD an hour"
    if plan["hourly_usd"] is None:
        return f"costs: not settled yet; {budget}"
    return f"costs {shown(plan['hourly_usd'])} USD an hour; {budget}"


def _candidates(plan: Doc) -> Iterator[list[str]]:
    for place, each in enumerate(plan["candidates"], 1):
        offer = each["offer"]
        price = shown(offer["hourly_usd"])
        yield [str(place), offer["target"], offer["name"], price, each["reason"]]


def _refused(each: Doc) -> list[str]:
    price = "" if each["hourly_usd"] is None else shown(each["hourly_usd"])
    return [each["target"], each["name"], price, each["reason"]]
