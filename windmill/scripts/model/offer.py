"""What a provider would rent out, and for how much."""

from pydantic import BaseModel

from .deployment import Target


class Offer(BaseModel):
    """One candidate; the optimizer orders them and says why. Prices in USD."""

    target: Target
    name: str
    hourly_usd: float
    reason: str = ""
