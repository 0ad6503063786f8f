"""A GPU machine on Vast.ai's market, rented by the protocol of `targets/rental`."""

import os
from datetime import UTC, datetime

from pydantic import SecretStr

from ...model.base.target import Target
from ...model.cost.offer import Offer
from ...model.drawing.pipeline import Compute
from ..rental.live_offers import live_offers
from ..rental.rented_target import RentedTarget
from .market import market_offers
from .rentals import vastai_client


class Vastai(RentedTarget):
    name = "vastai"

    def offers(self, needs: Compute) -> list[Offer]:
        def ask(key: SecretStr) -> list[Offer]:
            with vastai_client(key, os.environ) as client:
                return market_offers(client, needs, datetime.now(UTC).date())

        return live_offers(Target.vastai, needs, ask)
