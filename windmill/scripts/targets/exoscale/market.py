"""What an account may rent at Exoscale, as offers: its types and zones, at the list's prices.

The API tells no prices, so a type that the price file does not know is no offer.
"""

import os
from collections.abc import Iterator

from pydantic import SecretStr

from ...model.base.target import Target
from ...model.cost.offer import Offer, machine_misfits, untold
from ...model.cost.prices import Prices
from ...model.drawing.pipeline import Compute
from ...worker.instance import asset
from ..rental.live_offers import NotAsked, live_offers, nobody_told
from .api import InstanceType, disk_gb
from .client import ExoscaleClient, exoscale_client

USUAL_VOLUME_GB = 40
BYTES_PER_GB = 1024**3
ASK = "not for this account yet: ask Exoscale's support for it"


def market_offers(client: ExoscaleClient, known: Prices, needs: Compute) -> list[Offer]:
    """Cheapest first, with the whole disk. Raises RentalError."""
    types = {each.name: each for each in client.instance_types()}
    disk = disk_gb(needs.disk_gb or USUAL_VOLUME_GB)
    # How large a machine is and where, its type tells, not the list.
    open_ = {"cpus": None, "memory_gb": None, "regions": ()}
    asked = needs.model_copy(update={"disk_gb": disk, **open_})
    return [
        _fitted(offer, needs)
        for each in known.offers(asked)
        if each.target == Target.exoscale and each.machine in types
        for offer in _in_each_zone(each, types[each.machine])
    ]


def current_offers(needs: Compute, not_asked: NotAsked = nobody_told) -> list[Offer]:
    def ask(key: SecretStr) -> list[Offer]:
        known = Prices.model_validate(asset("prices"))
        with exoscale_client(key, os.environ) as client:
            return market_offers(client, known, needs)

    return live_offers(Target.exoscale, needs, ask, not_asked)


def _in_each_zone(listed: Offer, told: InstanceType) -> Iterator[Offer]:
    for zone in sorted(told.zones):
        yield listed.model_copy(
            update={
                "name": f"{listed.machine} ({zone})",
                "pool": zone,
                "region": zone,
                "jurisdiction": "CH" if zone.startswith("ch-") else "EU",
                "gpus": told.gpus or listed.gpus,
                "cpus": told.cpus or None,
                "memory_gb": round(told.memory / BYTES_PER_GB, 1) or None,
                "unfit": listed.unfit or ("" if told.authorized else ASK),
            }
        )


def _fitted(offer: Offer, needs: Compute) -> Offer:
    reason = filter(None, (offer.reason, untold(offer, needs)))
    unfit = [*filter(None, (offer.unfit,)), *machine_misfits(offer, needs)]
    return offer.model_copy(update={"reason": "; ".join(reason), "unfit": "; ".join(unfit)})
