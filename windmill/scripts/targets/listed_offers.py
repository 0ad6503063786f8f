"""What the catalog's price file knows of a target."""

from ..model.base.target import Target
from ..model.cost.offer import Offer
from ..model.cost.prices import Prices
from ..model.drawing.pipeline import Compute
from ..worker.instance import asset


def listed_offers(target: Target, needs: Compute) -> list[Offer]:
    prices = Prices.model_validate(asset("prices"))
    return [offer for offer in prices.offers(needs) if offer.target == target]
