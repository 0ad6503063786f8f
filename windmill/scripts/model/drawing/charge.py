"""What a deployment's machine costs, from when it was chosen until it was left."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ..base.target import Target

SECONDS_PER_HOUR = 3600


class Price(BaseModel):
    """The offer that was taken. `read_on`: when its `source` said so. `reason`: why this one.

    `list_usd`: what as many of the same GPUs cost an hour at a list price, where one is known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: Target
    offer: str
    hourly_usd: float = Field(ge=0, allow_inf_nan=False)
    list_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    machine: str = ""
    gpu: str = ""
    gpus: int = Field(default=0, ge=0)
    region: str = ""
    spot: bool = False
    source: str = ""
    read_on: str = ""
    reason: str = ""


class Charge(Price):
    """Counted from before the provider is asked until the machine is seen to be gone, so it is
    never too little. `attempt`: what a rented machine is called at its provider.
    """

    attempt: str = ""
    revision: int
    since: datetime
    until: datetime | None = None

    def usd(self, now: datetime) -> float:
        seconds = ((self.until or now) - self.since).total_seconds()
        return self.hourly_usd * max(0.0, seconds) / SECONDS_PER_HOUR
