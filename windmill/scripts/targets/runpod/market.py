"""What RunPod offers now, as offers: its prices by GPU, and whether one is free."""

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

from pydantic import SecretStr

from ...model.base.target import Target
from ...model.cost.offer import Offer
from ...model.cost.prices import Price, Prices, PriceSource
from ...model.drawing.pipeline import Compute
from ...worker.instance import asset
from ..rental.live_offers import NotAsked, live_offers, nobody_told
from .api import GpuType
from .client import RunpodClient, runpod_client

LIVE = "live"


def market_offers(client: RunpodClient, known: Prices, needs: Compute, today: date) -> list[Offer]:
    """Cheapest first; `known` has what a disk costs there. Raises RentalError."""
    types = client.gpu_types()
    source = PriceSource(what="RunPod's API", read_on=today.isoformat())
    rows = tuple(row for each in types for row in _rows(each))
    prices = Prices(sources={LIVE: source}, offers=rows, disks=known.disks)
    stock = {each.id: each.availability or "" for each in types}
    offers = (each for each in prices.offers(needs) if each.target == Target.runpod)
    return [_with_stock(offer, stock) for offer in offers]


def current_offers(needs: Compute, not_asked: NotAsked = nobody_told) -> list[Offer]:
    def ask(key: SecretStr) -> list[Offer]:
        known = Prices.model_validate(asset("prices"))
        with runpod_client(key, os.environ) as client:
            return market_offers(client, known, needs, datetime.now(UTC).date())

    return live_offers(Target.runpod, needs, ask, not_asked)


def _rows(told: GpuType) -> Iterator[Price]:
    pools = {"SECURE": told.price.secure, "COMMUNITY": told.price.community}
    has = {"SECURE": told.secure, "COMMUNITY": told.community}
    for pool, hourly in pools.items():
        if has[pool] and hourly > 0:
            yield Price(
                target=Target.runpod,
                name=told.id,
                pool=pool,
                gpu=told.name,
                gpu_memory_gb=told.memory,
                per_gpu=True,
                hourly_usd=hourly,
                source=LIVE,
            )


def _with_stock(offer: Offer, stock: Mapping[str, str]) -> Offer:
    told = stock[offer.machine]
    unfit = offer.unfit or ("none is free now" if told == "NONE" else "")
    return offer.model_copy(update={"stock": told.lower(), "unfit": unfit})
