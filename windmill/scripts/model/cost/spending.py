"""Nothing that costs is taken unless somebody said how much an hour it may cost."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ..base.errors import SpendingNotAllowed
from ..base.parse import parse
from ..base.source import Source
from ..drawing.pipeline import Pipeline
from .optimizer import Candidate
from .prices import as_limit, shown


class Allowance(BaseModel):
    """What whoever starts a deployment says; a budget of the entry allows as well."""

    model_config = ConfigDict(frozen=True, strict=True)

    max_hourly_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)


def allowance(max_hourly_usd: Any) -> float | None:
    """As somebody sent it. Raises InvalidInput."""
    return parse(Allowance, Source({"max_hourly_usd": max_hourly_usd})).max_hourly_usd


def capped_at(pipeline: Pipeline, max_hourly_usd: float | None) -> Pipeline:
    """Its own budget holds too: whichever is less."""
    known = [x for x in (pipeline.compute.max_hourly_usd, max_hourly_usd) if x is not None]
    compute = pipeline.compute.model_copy(update={"max_hourly_usd": min(known, default=None)})
    return pipeline.model_copy(update={"compute": compute})


def permitted(
    candidates: Sequence[Candidate], pipeline: Pipeline, asks: bool
) -> tuple[Sequence[Candidate], Pipeline]:
    """`asks`: somebody is asked before anything is rented, and their yes is to the price that is
    shown: of the first, and of no dearer one. What is limited already stays so.

    Raises SpendingNotAllowed.
    """
    price = candidates[0].offer.hourly_usd if candidates else 0
    if not (asks and price and pipeline.compute.max_hourly_usd is None):
        return allowed(candidates, pipeline), pipeline
    limit = float(as_limit(price))
    within = [each for each in candidates if each.offer.hourly_usd <= limit]
    return within, capped_at(pipeline, limit)


def allowed(candidates: Sequence[Candidate], pipeline: Pipeline) -> Sequence[Candidate]:
    """Those within what it may cost; what is free always is. Raises SpendingNotAllowed."""
    if pipeline.compute.max_hourly_usd is not None:
        return candidates
    free = [each for each in candidates if not each.offer.hourly_usd]
    if candidates and not free:
        offer = candidates[0].offer
        raise SpendingNotAllowed(
            name=pipeline.name,
            target=offer.target,
            offer=offer.name,
            hourly=shown(offer.hourly_usd),
        )
    return free
