"""The plan of an entry of steps as a person reads it."""

from collections.abc import Iterator
from typing import Any

from cli.terminal import console
from windmill.scripts.model.cost.prices import shown

Doc = dict[str, Any]
SIGNS = {"create": "+", "update": "~", "nothing": "", "refused": "!"}
COLUMNS = ["", "STEP", "DEPLOYS", "TARGET", "OFFER", "USD AN HOUR", ""]
SENTENCES = {
    "refused": "would not be deployed as it is.",
    "create": "would be created.",
    "update": "would be updated.",
    "nothing": "nothing would change.",
}


def whole_lines(plan: Doc) -> Iterator[str]:
    """A changed setting stands below the table, by the step that it is of."""
    steps = plan["steps"]
    yield f"{console.bold(plan['name'])}: {SENTENCES[plan['action']]}"
    yield console.table([_row(step) for step in steps], COLUMNS)
    if plan["left_off"]:
        yield f"and {plan['left_off']} more that were not looked at."
    for step in steps:
        for change in (step["plan"] or {}).get("changes", ()):
            names = f": {', '.join(change['settings'])}" if change["settings"] else ""
            yield f"  ~ {step['path']}: {change['change']} {change['what']}{names}"
    yield from _terraform(steps)
    if plan["stays"]:
        yield f"stays as it is, and is no part of it now: {', '.join(plan['stays'])}"
    yield ""
    yield _money(plan)
    yield from (f"{console.bold('refused')}: {reason}" for reason in plan["refused"])
    if plan["fix"]:
        yield plan["fix"]


def _terraform(steps: list[Doc]) -> Iterator[str]:
    plans = [(step["path"], step["plan"]) for step in steps if step["plan"]]
    told = [(path, line) for path, plan in plans for line in plan.get("terraform", ())]
    told += [(path, note) for path, plan in plans if (note := plan.get("terraform_note"))]
    if told:
        yield f"\n{console.bold('terraform')}"
        yield from (f"  {path}: {line}" for path, line in told)


def _row(step: Doc) -> list[str]:
    plan = step["plan"] or {}
    offer: Doc = next((each["offer"] for each in plan.get("candidates", ())), {})
    is_settled = bool(plan.get("target"))
    return [
        _sign(step, plan),
        step["path"],
        step["use"] if "name" in step["unknown"] or not plan else plan["name"],
        (plan.get("target") or "?") if plan or "target" in step["unknown"] else "",
        offer.get("name", "") if is_settled else "",
        _price(step),
        "; ".join(_remarks(step, plan)),
    ]


def _sign(step: Doc, plan: Doc) -> str:
    if step["runs"] == "no":
        return "-"
    if step["refused"]:
        return "!"
    return SIGNS[plan["action"]] if plan else ">"


def _price(step: Doc) -> str:
    if step["runs"] == "no" or step["refused"]:
        return ""
    if step["hourly_usd"] is None:
        return "?"
    return shown(step["hourly_usd"]) + (" each" if step["several"] else "")


def _remarks(step: Doc, plan: Doc) -> Iterator[str]:
    if step["runs"] == "no":
        yield f"not run: {step['why']}"
    elif step["why"]:
        yield f"known only while it runs: {step['why']}"
    if step["refused"]:
        yield step["refused"]
    elif plan and plan["live"]:
        does = "runs on" if plan["action"] == "nothing" else f"is {plan['live']['state']} now"
        yield f"revision {plan['live']['revision']} {does}"
    elif step["runs"] != "no" and not plan:
        yield "is run"
    if step["unknown"]:
        yield f"{', '.join(step['unknown'])}: known only while it runs"
    if step["approval"]:
        yield "somebody is asked before"


def _money(plan: Doc) -> str:
    limit = plan["max_hourly_usd"]
    budget = "no budget" if limit is None else f"budget {shown(limit)} USD an hour"
    least = " at least" if plan["at_least"] else ""
    return f"all together costs{least} {shown(plan['hourly_usd'])} USD an hour; {budget}"
