"""What costs money is shown and asked for before it is deployed."""

from typing import Any

import click

from cli.clients.gateway import Gateway
from cli.errors import PriceNotConfirmed, PriceNotKnown, Refused
from cli.terminal import console

NO_PLAN = "nothing_to_plan"


def with_permission(gateway: Gateway, body: dict[str, Any], yes: bool) -> dict[str, Any] | None:
    """What to send; None where the person does not want to.

    Yes is said to the price that was shown: a dearer machine is not taken in its place.
    Raises PriceNotConfirmed, PriceNotKnown.
    """
    if body.get("max_hourly_usd") is not None or not _may_cost(body["target"]):
        return body
    plan = _plan(gateway, body)
    if not plan or not _asks(plan):
        return body
    if plan.get("at_least"):
        raise _not_known(plan)
    if not yes and not _confirmed(plan):
        return None
    return {**body, "max_hourly_usd": plan["hourly_usd"]}


def _may_cost(target: str | None) -> bool:
    """Where a run asks for the target, it asks what that may cost too."""
    from windmill.scripts.model.base.target import OWN

    return target is not None and target not in OWN


def _plan(gateway: Gateway, body: dict[str, Any]) -> dict[str, Any] | None:
    """None of what deploys nothing."""
    try:
        return dict(gateway.plan(body))
    except Refused as error:
        if error.code != NO_PLAN:
            raise
        return None


def _asks(plan: dict[str, Any]) -> bool:
    """What would be refused is refused by the flow, which says why."""
    changes = plan["action"] not in ("nothing", "refused")
    costs = plan["hourly_usd"] or plan.get("at_least")
    return bool(changes and costs and plan["max_hourly_usd"] is None)


def _confirmed(plan: dict[str, Any]) -> bool:
    from cli.terminal.plans import lines
    from windmill.scripts.model.cost.prices import as_limit, shown

    hourly = shown(plan["hourly_usd"])
    if not console.can_ask():
        limit = as_limit(plan["hourly_usd"])
        raise PriceNotConfirmed(name=plan["name"], hourly=hourly, limit=limit)
    for line in lines(plan):
        console.note(line)
    return click.confirm(f"Rent it for {hourly} USD an hour?", err=True)


def _not_known(plan: dict[str, Any]) -> PriceNotKnown:
    from windmill.scripts.model.cost.prices import shown

    return PriceNotKnown(name=plan["name"], hourly=shown(plan["hourly_usd"]))
