"""A machine at RunPod as a host."""

from ..rental.rented_host import RentedHost


class RunpodHost(RentedHost):
    def __init__(self) -> None:
        super().__init__("runpod")
