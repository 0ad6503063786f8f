"""The price file's offers, with the market's own in their place where a key is stored."""

from collections.abc import Mapping
from typing import Protocol

from ...model.base.target import Target
from ...model.cost.offer import Offer
from ...model.cost.prices import Prices
from ...model.drawing.pipeline import Compute
from ..exoscale.market import current_offers as exoscale_offers
from ..runpod.market import current_offers as runpod_offers
from ..vastai.market import current_offers as vastai_offers
from .live_offers import NotAsked


class Market(Protocol):
    def __call__(self, needs: Compute, not_asked: NotAsked = ...) -> list[Offer]: ...


MARKETS: Mapping[Target, Market] = {
    Target.exoscale: exoscale_offers,
    Target.runpod: runpod_offers,
    Target.vastai: vastai_offers,
}


class CurrentOffers:
    """Each provider is asked once for the same needs: some count what is asked by the day."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices
        self._found: dict[str, list[Offer]] = {}

    def offers(self, needs: Compute) -> list[Offer]:
        key = needs.model_dump_json()
        if key not in self._found:
            listed = [each for each in self._prices.offers(needs) if each.target not in MARKETS]
            rented = [each for market in MARKETS.values() for each in market(needs)]
            self._found[key] = sorted(
                [*listed, *rented], key=lambda offer: (offer.hourly_usd, offer.target, offer.name)
            )
        return self._found[key]
