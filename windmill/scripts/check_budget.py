"""Refuse what goes over its budget, before anything is rented.

Gives `hourly_usd`: what each level costs an hour, and `prices_as_of`: the day of the prices.
"""

from datetime import UTC, datetime
from typing import Any

from .model.cost.budget import Check, check
from .model.cost.prices import Prices, age_days
from .targets.rental.current_offers import CurrentOffers
from .worker.instance import asset


def main(checks: list) -> dict[str, Any]:  # type: ignore[type-arg]
    prices = Prices.model_validate(asset("prices"))
    age = age_days(prices.as_of, datetime.now(UTC).date())
    print(f"prices of {prices.as_of or 'nobody'}" + (f", {age} days old" if age else ""))
    offers, hourly = CurrentOffers(prices), dict[str, float]()
    for asked in map(Check.model_validate, checks):
        amount = check(asked, offers)
        hourly[asked.level] = float(amount.hourly)
        print(f"{asked.level}: {amount.hourly} USD an hour" + " or more" * amount.endless)
    return {"hourly_usd": hourly, "prices_as_of": prices.as_of}
