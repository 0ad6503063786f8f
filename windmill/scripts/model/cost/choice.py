"""What a deployment may be put on, and what it may not be put on and why."""

from pydantic import BaseModel, ConfigDict

from ..base.target import Target
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
