"""What deployments cost, from what the registry keeps of each."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, Field

from windmill.scripts.model.drawing.charge import Charge
from windmill.scripts.model.drawing.deployment import Deployment

# Watchers are sent whatever changes: not more often than once a cent.
CENTS = 2
CENT_OF_A_CENT = 4


class Cost(BaseModel):
    hourly_usd: float
    so_far_usd: float = Field(description="Of all revisions, counted to this moment")
    charges: tuple[Charge, ...] = Field(description="What is paid for now: the offers taken")


def cost_of(deployments: Iterable[Deployment], now: datetime) -> Cost | None:
    """None where nothing was ever priced."""
    found = list(deployments)
    charges = tuple(charge for each in found for charge in each.charges)
    so_far = sum(each.cost_so_far(now) for each in found)
    if not charges and not so_far:
        return None
    return Cost(
        hourly_usd=round(sum(each.hourly_usd for each in found), CENT_OF_A_CENT),
        so_far_usd=round(so_far, CENTS),
        charges=charges,
    )
