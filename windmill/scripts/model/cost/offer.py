"""What a provider would rent out, and for how much."""

from collections.abc import Iterable
from typing import Protocol

from pydantic import BaseModel

from ..base.target import Target
from ..drawing.pipeline import Compute


class Offer(BaseModel):
    """One candidate; the optimizer orders them and says why. Prices in USD.

    `unfit`: why it cannot be taken, '' when it can. `read_on`: when its `source` said the price.
    `machine` and `pool` are the provider's own words for what is rented.
    """

    target: Target
    name: str
    hourly_usd: float
    reason: str = ""
    unfit: str = ""
    source: str = ""
    read_on: str = ""
    machine: str = ""
    pool: str = ""


class Offers(Protocol):
    """A price file today, providers themselves tomorrow."""

    def offers(self, needs: Compute) -> list[Offer]:
        """All that is known, cheapest first; those that do not fit say why."""
        ...


def cheapest(offers: Iterable[Offer], target: Target) -> Offer | None:
    """`auto` takes any target's."""
    fitting = (o for o in offers if not o.unfit and target in (o.target, Target.auto))
    return min(fitting, key=lambda offer: offer.hourly_usd, default=None)
