"""A GPU machine (a Pod) at RunPod, rented by the protocol of `targets/rental`."""

import os
from datetime import UTC, datetime

from pydantic import SecretStr

from ...model.base.target import Target
from ...model.cost.offer import Offer
from ...model.cost.prices import Prices
from ...model.drawing.pipeline import Compute
from ...worker.instance import asset
from ..rental.live_offers import live_offers
from ..rental.rented_target import RentedTarget
from .market import market_offers
from .rentals import runpod_client


class Runpod(RentedTarget):
    name = "runpod"

    def offers(self, needs: Compute) -> list[Offer]:
        def ask(key: SecretStr) -> list[Offer]:
            known = Prices.model_validate(asset("prices"))
            with runpod_client(key, os.environ) as client:
                return market_offers(client, known, needs, datetime.now(UTC).date())

        return live_offers(Target.runpod, needs, ask)
