"""What RunPod offers now, as offers: its prices by GPU, and whether one is free.

Where a place is wanted, what is in each of its data centers is an offer of its own.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pydantic import SecretStr

from ...model.base.target import Target
from ...model.cost.offer import Offer
from ...model.cost.places import EU, is_country
from ...model.cost.prices import Price, Prices, PriceSource
from ...model.drawing.pipeline import Compute
from ...worker.instance import asset
from ..rental.live_offers import NotAsked, live_offers, nobody_told
from .api import GpuType
from .client import RunpodClient, runpod_client

LIVE = "live"


@dataclass(frozen=True)
class Stock:
    """Of a type of GPU, anywhere or in one data center, and in the country that is in."""

    gpu: GpuType
    free: str
    place: str = ""
    country: str = ""


def market_offers(client: RunpodClient, known: Prices, needs: Compute, today: date) -> list[Offer]:
    """Cheapest first; `known` has what a disk costs there. Raises RentalError."""
    stocks = list(_in_regions(client, needs.regions) if needs.regions else _anywhere(client))
    source = PriceSource(what="RunPod's API", read_on=today.isoformat())
    rows = tuple(row for each in stocks for row in _rows(each))
    prices = Prices(sources={LIVE: source}, offers=rows, disks=known.disks)
    free = {(each.gpu.id, each.place): each.free for each in stocks}
    offers = (each for each in prices.offers(needs) if each.target == Target.runpod)
    return [_with_stock(offer, free[offer.machine, offer.region]) for offer in offers]


def current_offers(needs: Compute, not_asked: NotAsked = nobody_told) -> list[Offer]:
    def ask(key: SecretStr) -> list[Offer]:
        known = Prices.model_validate(asset("prices"))
        with runpod_client(key, os.environ) as client:
            return market_offers(client, known, needs, datetime.now(UTC).date())

    return live_offers(Target.runpod, needs, ask, not_asked)


def _anywhere(client: RunpodClient) -> Iterator[Stock]:
    for each in client.gpu_types():
        yield Stock(each, each.availability or "")


def _in_regions(client: RunpodClient, regions: Sequence[str]) -> Iterator[Stock]:
    """Each data center once. RunPod says itself which are in a country: names prove nothing."""
    found: dict[tuple[str, str], Stock] = {}
    for country in {region.upper() for region in regions if is_country(region)}:
        codes = EU if country == "EU" else {country}
        for each in _in_data_centers(client.gpu_types(codes), country):
            found.setdefault((each.gpu.id, each.place), each)
    names = {region.lower() for region in regions if not is_country(region)}
    for each in _in_data_centers(client.gpu_types(), "") if names else ():
        if each.place.lower() in names:
            found.setdefault((each.gpu.id, each.place), each)
    return iter(found.values())


def _in_data_centers(gpus: Sequence[GpuType], country: str) -> Iterator[Stock]:
    for gpu in gpus:
        for center in gpu.data_centers:
            yield Stock(gpu, center.availability, center.id, country)


def _rows(stock: Stock) -> Iterator[Price]:
    """What is told of data centers is of the secure pool: of the other one nobody knows where."""
    told = stock.gpu
    pools = {"SECURE": told.price.secure, "COMMUNITY": told.price.community}
    has = {"SECURE": told.secure, "COMMUNITY": told.community and not stock.place}
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
                region=stock.place,
                jurisdiction=stock.country,
                source=LIVE,
            )


def _with_stock(offer: Offer, free: str) -> Offer:
    unfit = offer.unfit or ("none is free now" if free == "NONE" else "")
    name = f"{offer.name} in {offer.region}" if offer.region else offer.name
    told = {"name": name, "stock": free.lower(), "unfit": unfit}
    return offer.model_copy(update=told)
