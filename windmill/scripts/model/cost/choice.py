"""What a deployment may be put on, and what it may not be put on and why."""

from pydantic import BaseModel, ConfigDict

from ..base.target import Target
from ..drawing.charge import Price
from .offer import Offer
from .optimizer import Candidate


class NotTaken(BaseModel):
    """A target, or one offer of it by `name`; `hourly_usd` in USD, None where there is no offer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: Target
    name: str = ""
    hourly_usd: float | None = None
    reason: str


class Choice(BaseModel):
    """`candidates` are best first: the first is what is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    candidates: tuple[Candidate, ...] = ()
    refused: tuple[NotTaken, ...] = ()


def explained(candidate: Candidate) -> Offer:
    """With the reason why it is this one, and what it was compared with."""
    told = {"reason": candidate.reason, "list_usd": candidate.list_usd}
    return candidate.offer.model_copy(update=told)


def price_of(offer: Offer) -> Price:
    """As it is kept with the deployment that took it."""
    return Price(
        target=offer.target,
        offer=offer.name,
        hourly_usd=offer.hourly_usd,
        list_usd=offer.list_usd,
        machine=offer.machine,
        gpu=offer.gpu,
        gpus=offer.gpus,
        region=offer.region,
        spot=offer.spot,
        source=offer.source,
        read_on=offer.read_on,
        reason=offer.reason,
    )
