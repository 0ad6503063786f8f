"""What a pipeline's machine costs an hour on each target, from the price file.

Gives `offers`: the cheapest on each target, `as_of`: the day of the prices, and `unavailable`:
why nothing can be deployed to a target from here, for those where that is so.
"""

from typing import Any

from .model.base.target import Target
from .model.cost.offer import cheapest
from .model.cost.prices import Prices
from .model.drawing.pipeline import Compute
from .targets.registry import TARGETS
from .worker.instance import asset


def main(compute: dict | None = None) -> dict[str, Any]:  # type: ignore[type-arg]
    prices = Prices.model_validate(asset("prices"))
    offers = prices.offers(Compute.model_validate(compute or {}))
    found = {target.value: cheapest(offers, target) for target in Target}
    shown = {"name", "hourly_usd", "reason", "read_on"}
    told = {name: offer and offer.model_dump(include=shown) for name, offer in found.items()}
    return {"as_of": prices.as_of, "offers": told, "unavailable": _unavailable()}


def _unavailable() -> dict[str, str]:
    why = {name.value: each.planned or each.unavailable() for name, each in TARGETS.items()}
    return {name: reason for name, reason in why.items() if reason}
