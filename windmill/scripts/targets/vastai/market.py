"""What Vast.ai's market offers now, as offers."""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime

from pydantic import SecretStr

from ...model.base.target import Target
from ...model.cost.gpus import canonical
from ...model.cost.offer import Offer, gpu_misfits, machine_misfits, untold
from ...model.cost.places import jurisdiction_of
from ...model.cost.prices import HOURS_PER_MONTH
from ...model.drawing.pipeline import Compute, Gpu
from ..rental.live_offers import NotAsked, live_offers, nobody_told
from .api import Offer as Ask
from .api import OfferSearch, disk_gb
from .client import VastaiClient, vastai_client

MB_PER_GB = 1024
# GB; a card tells a little less than its maker does.
MARGIN = 0.96
USUAL_VOLUME_GB = 40
# Whoever bids the least that wins now loses to the next one who looks.
OVER_THE_LEAST = 1.1
LEAST_BID = 0.001  # USD an hour; the vendor takes no smaller one


def search_of(needs: Compute, spot: bool = False) -> OfferSearch:
    gpu = needs.gpu or Gpu(memory_gb=1)
    return OfferSearch(
        gpus=gpu.count,
        gpu_memory=int(gpu.memory_gb * MB_PER_GB * MARGIN),
        cpus=needs.cpus or 0,
        memory=int((needs.memory_gb or 0) * MB_PER_GB * MARGIN),
        highest_price=needs.max_hourly_usd,
        disk=disk_gb(needs.disk_gb or USUAL_VOLUME_GB),
        spot=spot,
    )


def market_offers(client: VastaiClient, needs: Compute, today: date) -> list[Offer]:
    """Cheapest first; with `needs.spot` those too that are bid for. Raises RentalError."""
    found = [_offer(each, needs, today) for each in client.offers(search_of(needs))]
    if needs.spot:
        found += _bids(client.offers(search_of(needs, spot=True)), needs, today)
    return sorted(found, key=lambda offer: (offer.hourly_usd, offer.name))


def current_offers(needs: Compute, not_asked: NotAsked = nobody_told) -> list[Offer]:
    def ask(key: SecretStr) -> list[Offer]:
        with vastai_client(key, os.environ) as client:
            return market_offers(client, needs, datetime.now(UTC).date())

    return live_offers(Target.vastai, needs, ask, not_asked)


def _bids(told: Iterable[Ask], needs: Compute, today: date) -> Iterator[Offer]:
    """At the price that would be bid for each, which is what it then costs."""
    disk = disk_gb(needs.disk_gb or USUAL_VOLUME_GB)
    for each in told:
        if each.min_bid:
            bid = max(LEAST_BID, round(each.min_bid * OVER_THE_LEAST, 3))
            of_disk = round(each.storage_cost * disk / HOURS_PER_MONTH, 6)
            price = {"hourly_usd": bid + of_disk, "machine_usd": bid, "disk_usd": of_disk}
            offer = _offer(each, needs, today)
            yield offer.model_copy(update={"spot": True, "name": f"{offer.name} by bid", **price})


def _offer(told: Ask, needs: Compute, today: date) -> Offer:
    count = f"{told.num_gpus} × " if told.num_gpus > 1 else ""
    offer = Offer(
        target=Target.vastai,
        name=f"{count}{told.gpu_name} ({told.id})",
        hourly_usd=told.dph_total,
        source="Vast.ai's market",
        read_on=today.isoformat(),
        machine=told.gpu_name,
        pool=str(told.id),
        egress_usd_per_gb=told.inet_up_cost,
        gpu=canonical(told.gpu_name),
        gpu_memory_gb=round(told.gpu_ram / MB_PER_GB),
        gpus=told.num_gpus,
        cpus=told.cpu_cores_effective,
        memory_gb=None if told.memory is None else round(told.memory / MB_PER_GB),
        disk_gb=told.disk_space,
        region=told.geolocation or "",
        jurisdiction=jurisdiction_of((told.geolocation or "").rpartition(",")[2]),
        reliability=told.reliability,
    )
    reason = "; ".join(filter(None, ("its disk included", untold(offer, needs))))
    return offer.model_copy(update={"reason": reason, "unfit": "; ".join(_misfits(offer, needs))})


def _misfits(offer: Offer, needs: Compute) -> Iterator[str]:
    """The market was searched for GPUs that are large enough."""
    if needs.gpu and needs.gpu.model:
        yield from gpu_misfits(offer, needs.gpu.model, 0, 0)
    yield from machine_misfits(offer, needs)
