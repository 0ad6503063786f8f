"""Refuse what goes over its budget, before anything is rented.

Gives `hourly_usd`: what each level costs an hour, `prices_as_of`: the day of the prices, and
`shares`: what each kind of machine may cost of what all together may, where that is known, and
`max_hourly_usd`: what the first level may cost, if that is limited.
What is rented already and stays counts for what it was rented for, whatever the market asks by now.
"""

from datetime import UTC, datetime
from typing import Any

from .model.base.errors import BudgetExceeded
from .model.cost.budget import Check, Share, check, shares
from .model.cost.offer import Offers
from .model.cost.prices import Prices, age_days
from .targets.planning.held import with_what_is_held
from .targets.rental.current_offers import CurrentOffers
from .worker.instance import args_of, asset, this_run


def main(checks: list) -> dict[str, Any]:  # type: ignore[type-arg]
    prices = Prices.model_validate(asset("prices"))
    age = age_days(prices.as_of, datetime.now(UTC).date())
    print(f"prices of {prices.as_of or 'nobody'}" + (f", {age} days old" if age else ""))
    offers, hourly = CurrentOffers(prices), dict[str, float]()
    found: list[Share] = []
    for asked in map(Check.model_validate, checks):
        hourly[asked.level] = _hourly(asked, offers)
        found += shares(asked, offers)
    told = [each.model_dump(mode="json") for each in found]
    whole = Check.model_validate(checks[0]).budget.max_hourly_usd if checks else None
    return {
        "hourly_usd": hourly,
        "prices_as_of": prices.as_of,
        "shares": told,
        "max_hourly_usd": whole,
    }


def _hourly(asked: Check, offers: Offers) -> float:
    """In USD. Raises BudgetExceeded."""
    try:
        amount = check(asked, offers)
    except BudgetExceeded:
        kept = with_what_is_held(asked, args_of(this_run()))
        if kept is None:
            raise
        print(f"{asked.level}: {kept} USD an hour, with the machines that it is on already")
        return kept
    print(f"{asked.level}: {amount.hourly} USD an hour" + " or more" * amount.endless)
    return float(amount.hourly)
