"""What a machine may cost where none can be had for what was taken for it of the whole.

Where nobody knows yet how many there will be, each takes what the best of now costs. More is taken
only for a machine that is about to be asked for, and only of what nobody else has.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from ...model.cost.offer import Offer
from ...model.drawing.pipeline import Pipeline
from ..registry import Registry
from .allotting import Allotments


class More(BaseModel):
    """USD an hour: of one machine, and of all machines of the run together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    up_to_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    whole_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)


@dataclass(frozen=True)
class Reserve:
    more: More
    allotments: Allotments
    deployment_id: str

    def widened(self, pipeline: Pipeline) -> Pipeline:
        """For looking around: what is found may not be had for that yet."""
        if self.more.up_to_usd is None:
            return pipeline
        compute = pipeline.compute.model_copy(update={"max_hourly_usd": self.more.up_to_usd})
        return pipeline.model_copy(update={"compute": compute})

    def may_cost(self, hourly_usd: float) -> bool:
        """Then it is taken of the whole, before anything is asked of a provider."""
        up_to, whole = self.more.up_to_usd, self.more.whole_usd
        if up_to is None or whole is None or hourly_usd > up_to:
            return False
        return self.allotments.takes(self.deployment_id, whole, hourly_usd)


def reserve_of(more: object, registry: Registry, deployment_id: str) -> Reserve:
    told = More.model_validate(more or {})
    return Reserve(told, Allotments(registry), deployment_id)


def within_first(offers: Iterable[Offer], cap: float | None) -> list[Offer]:
    """In their order, but those that cost no more than it may already come before all others."""
    return sorted(offers, key=lambda offer: cap is not None and offer.hourly_usd > cap)
