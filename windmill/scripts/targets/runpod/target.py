"""A GPU machine (a Pod) at RunPod, rented by the protocol of `targets/rental`."""

from ...model.base.target import Target
from ...model.cost.offer import Offer
from ...model.drawing.pipeline import Compute
from ..listed_offers import listed_offers
from ..rental.rented_target import RentedTarget


class Runpod(RentedTarget):
    name = "runpod"

    def offers(self, needs: Compute) -> list[Offer]:
        return listed_offers(Target.runpod, needs)
