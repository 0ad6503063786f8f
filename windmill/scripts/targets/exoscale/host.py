"""A machine at Exoscale as a host."""

from ..rental.rented_host import RentedHost


class ExoscaleHost(RentedHost):
    def __init__(self) -> None:
        super().__init__("exoscale")
