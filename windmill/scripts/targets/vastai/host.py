"""A machine at Vast.ai as a host."""

from ..rental.rented_host import RentedHost


class VastaiHost(RentedHost):
    def __init__(self) -> None:
        super().__init__("vastai")
