"""What can be rented now, as providers themselves say it."""

from pydantic import BaseModel, ConfigDict, Field

from ..base.target import Target
from ..cost.optimizer import Candidate


class OffersNow(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    candidates: tuple[Candidate, ...] = Field(
        description="that fit, least money for the same first"
    )
    refused: tuple[Candidate, ...] = Field(description="that do not, with the reasons")
    fitting: int = Field(description="how many fit, those that are not shown included")
    others: int = Field(description="how many do not")
    not_asked: dict[Target, str] = Field(description="whose prices are the list's, and why")
