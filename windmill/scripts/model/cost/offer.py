"""What a provider would rent out, and for how much."""

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..base.target import Target
from ..drawing.pipeline import Compute
from .gpus import is_model
from .places import is_in

# Sums of prices are kept to so many digits; parts may differ from their sum by the last one.
CENT_OF_A_CENT = 1e-4
CPUS, MEMORY, DISK = "CPUs", "GB of memory", "GB of disk"


class Offer(BaseModel):
    """One candidate; the optimizer orders them and says why. Prices in USD.

    `unfit`: why it cannot be taken, '' when it can. `read_on`: when its `source` said the price.
    `machine` and `pool` are the provider's own words for what is rented; `gpu` is the canonical
    name of `gpus.canonical`, '' without one, and `gpu_memory_gb` is of one of `gpus`.
    `hourly_usd` is `machine_usd` and `disk_usd` together, where those are told; what leaves the
    machine costs `egress_usd_per_gb` beside it. None: the provider does not tell.
    `disk_gb` is what there is of it, where that is less than one may order.
    `list_usd`: what as many of the same GPUs cost an hour at the list price it was compared with.
    `reliability` is the share of time, 0 to 1, that the provider says the machine was up.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: Target
    name: str
    hourly_usd: float = Field(ge=0, allow_inf_nan=False)
    reason: str = ""
    unfit: str = ""
    source: str = ""
    read_on: str = ""
    machine: str = ""
    pool: str = ""
    list_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    machine_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    disk_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    egress_usd_per_gb: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    gpu: str = ""
    gpu_memory_gb: float = Field(default=0, ge=0)
    gpus: int = Field(default=0, ge=0)
    cpus: float | None = Field(default=None, ge=0)
    memory_gb: float | None = Field(default=None, ge=0)
    disk_gb: float | None = Field(default=None, ge=0)
    region: str = ""
    jurisdiction: str = ""
    spot: bool = False
    reliability: float | None = Field(default=None, ge=0, le=1)
    stock: str = ""

    @model_validator(mode="after")
    def _parts_are_the_sum(self) -> Self:
        if self.machine_usd is not None:
            parts = self.machine_usd + (self.disk_usd or 0)
            if abs(parts - self.hourly_usd) > CENT_OF_A_CENT:
                raise ValueError(f"machine and disk cost {parts:g}, not {self.hourly_usd:g}")
        return self


class Offers(Protocol):
    """A price file today, providers themselves tomorrow."""

    def offers(self, needs: Compute) -> list[Offer]:
        """All that is known, cheapest first; those that do not fit say why."""
        ...


def cheapest(offers: Iterable[Offer], target: Target) -> Offer | None:
    """`auto` takes any target's."""
    fitting = (o for o in offers if not o.unfit and target in (o.target, Target.auto))
    return min(fitting, key=lambda offer: offer.hourly_usd, default=None)


def gpu_misfits(offer: Offer, model: str, memory_gb: float, count: int) -> Iterator[str]:
    """What its GPUs lack, in words; `memory_gb` is of one of them."""
    if model and not is_model(offer.gpu, model):
        yield f"it is {offer.gpu or 'without GPU'}, {model} is needed"
    if offer.gpu_memory_gb < memory_gb:
        yield f"{offer.gpu_memory_gb:g} GB of GPU memory, {memory_gb:g} are needed"
    if offer.gpus < count:
        yield f"{offer.gpus} GPU, {count} are needed"


def machine_misfits(offer: Offer, needs: Compute) -> Iterator[str]:
    """What is told of its machine and is too little, where it must not be, or may end, in words."""
    for what, has, least in _sizes(offer, needs):
        if least and has is not None and has < least:
            yield too_little(what, has, least)
    yield from place_misfits(offer, needs.regions)
    yield from spot_misfits(offer, needs.spot)


def place_misfits(offer: Offer, regions: Collection[str]) -> Iterator[str]:
    """A provider that does not tell where it is may put it anywhere."""
    if not is_in(regions, offer.region, offer.jurisdiction):
        where = offer.region or offer.jurisdiction
        told = f"it is in {where}" if where else "it may be anywhere"
        yield f"{told}, {' or '.join(regions)} is needed"


def spot_misfits(offer: Offer, allowed: bool) -> Iterator[str]:
    if offer.spot and not allowed:
        yield "it is a spot machine, which its provider may take back"


def untold(offer: Offer, needs: Compute) -> str:
    """What is needed and the provider does not tell, so that nobody compared it; else ''."""
    unknown = [
        f"{least:g} {what}" for what, has, least in _sizes(offer, needs) if least and not has
    ]
    return f"nobody tells whether it has {' and '.join(unknown)}" if unknown else ""


def too_little(what: str, has: float, least: float) -> str:
    return f"{has:g} {what}, {least:g} is needed"


def _sizes(offer: Offer, needs: Compute) -> Iterator[tuple[str, float | None, float | None]]:
    yield CPUS, offer.cpus, needs.cpus
    yield MEMORY, offer.memory_gb, needs.memory_gb
    if offer.disk_gb is not None:  # else as much as one orders
        yield DISK, offer.disk_gb, needs.disk_gb
