"""Which offers fit, best first, and why not the others."""

import math
from collections.abc import Iterable, Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from .gpus import canonical, performance
from .offer import CPUS, MEMORY, Offer, gpu_misfits, place_misfits, spot_misfits, too_little
from .prices import ListPrice, shown

SPOT = "spot: its provider may take it back at any time, and then it serves no more"


class Constraints(BaseModel):
    """What must hold. Whatever a provider does not tell does not hold.

    `regions`: any of them, each a provider's own name of one, or a jurisdiction such as EU or US.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    gpu: str = Field(default="", max_length=100)
    gpu_memory_gb: float = Field(default=0, ge=0)
    gpus: int = Field(default=0, ge=0, le=16)
    cpus: float = Field(default=0, ge=0)
    memory_gb: float = Field(default=0, ge=0)
    regions: tuple[str, ...] = Field(default=(), max_length=20)
    max_hourly_usd: float | None = Field(default=None, ge=0)
    spot: bool = False
    min_reliability: float = Field(default=0, ge=0, le=1)


class Candidate(BaseModel):
    """`performance`: of all its GPUs, beside one A100 SXM with 80 GB. `saves`: a share, 0 to 1.

    `list_usd`: what as many GPUs cost an hour at `baseline`.
    `saves` is negative where `baseline`, a list price of the same GPUs, is cheaper.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    offer: Offer
    reason: str
    performance: float | None = None
    saves: float | None = None
    baseline: str = ""
    list_usd: float | None = None


class Ranking(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    candidates: tuple[Candidate, ...]
    refused: tuple[Candidate, ...]


def rank(
    offers: Iterable[Offer], wanted: Constraints, baselines: Sequence[ListPrice] = ()
) -> Ranking:
    """Least money for the same work first; where nobody knows how fast it is, last, by price.

    What costs nothing comes before all. The order is the same for the same offers.
    """
    fitting, refused = [], []
    for offer in offers:
        if reasons := [*refusals(offer, wanted)]:
            refused.append(Candidate(offer=offer, reason="; ".join(reasons)))
        else:
            fitting.append(candidate_of(offer, baselines))
    refused.sort(key=by_price)
    return Ranking(candidates=tuple(sorted(fitting, key=_by_value)), refused=tuple(refused))


def in_order(ranking: Ranking, for_gpu: bool) -> Ranking:
    """As `auto` takes them: where no GPU is needed, none is paid for because it is fast."""
    if for_gpu:
        return ranking
    return ranking.model_copy(
        update={"candidates": tuple(sorted(ranking.candidates, key=by_price))}
    )


def refusals(offer: Offer, wanted: Constraints) -> Iterator[str]:
    """Why it cannot be taken, in words and once each; nothing when it can."""
    told = offer.unfit.split("; ") if offer.unfit else ()
    yield from dict.fromkeys([*told, *_own_refusals(offer, wanted)])


def _own_refusals(offer: Offer, wanted: Constraints) -> Iterator[str]:
    yield from gpu_misfits(offer, wanted.gpu, wanted.gpu_memory_gb, wanted.gpus)
    yield from _machine_refusals(offer, wanted)
    yield from place_misfits(offer, wanted.regions)
    if wanted.max_hourly_usd is not None and offer.hourly_usd > wanted.max_hourly_usd:
        yield f"it costs {shown(offer.hourly_usd)} an hour, at most {shown(wanted.max_hourly_usd)}"
    yield from spot_misfits(offer, wanted.spot)


def _machine_refusals(offer: Offer, wanted: Constraints) -> Iterator[str]:
    for what, has, least in (
        (CPUS, offer.cpus, wanted.cpus),
        (MEMORY, offer.memory_gb, wanted.memory_gb),
        ("reliability", offer.reliability, wanted.min_reliability),
    ):
        if least and has is None:
            yield f"nobody tells its {what}, {least:g} is needed"
        elif least and has is not None and has < least:
            yield too_little(what, has, least)


def refused_of(offer: Offer, wanted: Constraints) -> Candidate:
    return Candidate(offer=offer, reason="; ".join(refusals(offer, wanted)))


def candidate_of(offer: Offer, baselines: Sequence[ListPrice]) -> Candidate:
    speed = _speed(offer)
    baseline = next((each for each in baselines if _same_gpu(each, offer)), None)
    usd = baseline.hourly_usd / baseline.gpus * offer.gpus if baseline else None
    saves = round(1 - offer.hourly_usd / usd, 4) if usd else None
    told = f"{baseline.provider} {baseline.name}" if baseline else ""
    return Candidate(
        offer=offer,
        reason="; ".join(_reasons(offer, speed, saves, told)),
        performance=speed,
        saves=saves,
        baseline=told,
        list_usd=usd,
    )


def _same_gpu(listed: ListPrice, offer: Offer) -> bool:
    return bool(offer.gpus) and (canonical(listed.gpu), listed.gpu_memory_gb) == (
        offer.gpu,
        offer.gpu_memory_gb,
    )


def _reasons(
    offer: Offer, speed: float | None, saves: float | None, baseline: str
) -> Iterator[str]:
    if speed is None and offer.gpu:
        yield "nobody knows how fast it is"
    elif speed is not None:
        yield f"{shown(offer.hourly_usd / speed)} USD for an A100's hour of work"
    if saves is not None:
        yield f"{abs(saves):.0%} {'less' if saves >= 0 else 'more'} than {baseline}"
    if offer.spot:
        yield SPOT
    if offer.reason:
        yield offer.reason


def value_of(offer: Offer) -> float:
    """USD for the same work."""
    speed = _speed(offer)
    return offer.hourly_usd / speed if speed else (math.inf if offer.hourly_usd else 0.0)


def _speed(offer: Offer) -> float | None:
    """Of all its GPUs."""
    one = performance(offer.gpu, offer.gpu_memory_gb)
    return one * offer.gpus if one is not None and offer.gpus else None


def _by_value(candidate: Candidate) -> tuple[float, float, str, str]:
    return value_of(candidate.offer), *by_price(candidate)


def by_price(candidate: Candidate) -> tuple[float, str, str]:
    offer = candidate.offer
    return offer.hourly_usd, offer.target, offer.name
