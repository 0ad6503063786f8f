"""A dated price file as a source of offers."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_UP, Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ..base.target import OWN, Target
from ..drawing.pipeline import Compute, Gpu
from .gpus import canonical
from .offer import Offer, gpu_misfits, machine_misfits, untold

HOURS_PER_MONTH = 730
# Any GPU has more.
LEAST_GB = 0.001
NO_DISK = "disk not included"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PriceSource(_Strict):
    what: str
    read_on: str = Field(pattern=r"^\d{4}-\d\d-\d\d$")


class Price(_Strict):
    """`per_gpu`: several cost that many times as much; else it is the machine as it stands."""

    target: Target
    name: str
    pool: str = ""
    gpu: str = ""
    gpu_memory_gb: float = 0
    gpus: int = Field(default=1, ge=0)
    per_gpu: bool = False
    hourly_usd: float = Field(ge=0)
    cpus: float | None = Field(default=None, gt=0)
    memory_gb: float | None = Field(default=None, gt=0)
    region: str = ""
    jurisdiction: str = ""
    spot: bool = False
    source: str


class ListPrice(_Strict):
    """Of a provider that nothing is deployed at: offers are compared with it, it is no offer."""

    provider: str
    name: str
    gpu: str
    gpu_memory_gb: float = Field(gt=0)
    gpus: int = Field(ge=1)
    hourly_usd: float = Field(gt=0)
    cpus: float | None = Field(default=None, gt=0)
    memory_gb: float | None = Field(default=None, gt=0)
    region: str
    spot: bool = False
    source: str


class Disk(_Strict):
    target: Target
    usd_per_gb_month: float = Field(ge=0)
    source: str


class Prices(_Strict):
    kind: Literal["prices"] = "prices"
    as_of: str = ""
    sources: dict[str, PriceSource] = Field(default_factory=dict)
    rows: tuple[Price, ...] = Field(default=(), alias="offers")
    disks: tuple[Disk, ...] = ()
    baselines: tuple[ListPrice, ...] = ()

    def offers(self, needs: Compute) -> list[Offer]:
        offers = [*_own(needs), *(self._offer(row, needs) for row in self.rows)]
        return sorted(offers, key=lambda offer: (offer.hourly_usd, offer.target, offer.name))

    def rented(self, gpus: int) -> list[Offer]:
        """All but one's own machines; `gpus` of each where a price is of one GPU.

        Whether they fit is for the optimizer to say.
        """
        needs = Compute(gpu=Gpu(memory_gb=LEAST_GB, count=max(gpus, 1)))
        offers = [self._offer(row, needs) for row in self.rows]
        return [offer.model_copy(update={"unfit": ""}) for offer in offers]

    def _offer(self, row: Price, needs: Compute) -> Offer:
        count = needs.gpu.count if needs.gpu and row.per_gpu else 1
        disk, told = self._disk(row.target, needs)
        machine = usd(row.hourly_usd) * count
        source = self.sources.get(row.source)
        offer = Offer(
            target=row.target,
            name=_name(row, count),
            hourly_usd=float(round(machine + disk, 6)),
            source=source.what if source else row.source,
            read_on=source.read_on if source else self.as_of,
            machine=row.name,
            pool=row.pool,
            machine_usd=float(machine),
            disk_usd=float(round(disk, 6)) if told != NO_DISK else None,
            gpu=canonical(row.gpu),
            gpu_memory_gb=row.gpu_memory_gb,
            gpus=_gpus(row, count),
            cpus=row.cpus,
            memory_gb=row.memory_gb,
            region=row.region,
            jurisdiction=row.jurisdiction,
            spot=row.spot,
        )
        reason = "; ".join(_remarks(offer, needs, told))
        return offer.model_copy(
            update={"reason": reason, "unfit": "; ".join(_misfits(offer, needs))}
        )

    def _disk(self, target: Target, needs: Compute) -> tuple[Decimal, str]:
        rate = next((disk for disk in self.disks if disk.target == target), None)
        if not needs.disk_gb:
            return Decimal(0), ""
        if rate is None:
            return Decimal(0), NO_DISK
        price = usd(rate.usd_per_gb_month) * needs.disk_gb / HOURS_PER_MONTH
        return price, f"{needs.disk_gb} GB of disk included"


def usd(value: float) -> Decimal:
    """As written: sums of prices are exact."""
    return Decimal(str(value))


def shown(value: Decimal | float) -> str:
    """Cents; more where there is less than one."""
    return f"{value:.2f}" if value >= 0.01 or value == 0 else f"{value:.4f}"


def as_limit(value: Decimal | float) -> str:
    """The least whole cents that allow it."""
    cents = usd(float(value)).quantize(Decimal("0.01"), ROUND_UP)
    return shown(cents)


def age_days(read_on: str, today: date) -> int | None:
    return (today - date.fromisoformat(read_on)).days if read_on else None


def _own(needs: Compute) -> Iterator[Offer]:
    for target, name in OWN.items():
        reason = "costs nothing more" + ("; nobody looked whether it has the GPU" * bool(needs.gpu))
        if needs.regions:
            reason += f"; nobody looked whether it is in {' or '.join(needs.regions)}"
        yield Offer(target=target, name=name, hourly_usd=0.0, reason=reason)


def _name(row: Price, count: int) -> str:
    several = f"{count} × " if count > 1 else ""
    return f"{several}{row.name}" + (f" ({row.pool})" if row.pool else "")


def _gpus(row: Price, count: int) -> int:
    return row.gpus * count if row.gpu else 0


def _remarks(offer: Offer, needs: Compute, disk: str) -> Iterator[str]:
    if offer.gpu and needs.gpu is None:
        yield "has a GPU that is not needed"
    yield from filter(None, (disk, untold(offer, needs)))


def _misfits(offer: Offer, needs: Compute) -> Iterator[str]:
    if gpu := needs.gpu:
        yield from gpu_misfits(offer, gpu.model or "", gpu.memory_gb, gpu.count)
    yield from machine_misfits(offer, needs)
