"""A GPU machine at Exoscale, in Europe, rented by the protocol of `targets/rental`."""

from ...model.cost.offer import Offer
from ...model.drawing.pipeline import Compute
from ..rental.rented_target import RentedTarget
from .market import current_offers


class Exoscale(RentedTarget):
    name = "exoscale"
    first_start_seconds = 900  # Docker, a GPU's driver and its toolkit are installed

    def offers(self, needs: Compute) -> list[Offer]:
        return current_offers(needs)
