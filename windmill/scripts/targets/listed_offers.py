"""What the catalog's price file knows of a target, and what it is compared with."""

from collections.abc import Sequence

from ..model.base.errors import MissingAsset
from ..model.base.target import Target
from ..model.cost.offer import Offer
from ..model.cost.prices import ListPrice, Prices
from ..model.drawing.pipeline import Compute
from ..worker.instance import asset


def listed_offers(target: Target, needs: Compute) -> list[Offer]:
    prices = Prices.model_validate(asset("prices"))
    return [offer for offer in prices.offers(needs) if offer.target == target]


def baselines() -> Sequence[ListPrice]:
    """None where no prices were pushed: what costs nothing needs no comparison."""
    try:
        return Prices.model_validate(asset("prices")).baselines
    except MissingAsset:
        return ()
