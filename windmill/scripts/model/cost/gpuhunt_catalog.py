"""A catalog file of gpuhunt, dstack's open list of what clouds rent out, as list prices.

A file is a provider's, `aws.csv`, with the columns of gpuhunt's own model (0.1.34). Nothing is
deployed at AWS, Azure and Google Cloud: their rows are what offers are compared with.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ..base.errors import InvalidInput, Problem
from .gpus import canonical
from .prices import ListPrice

SOURCE = "gpuhunt"
PROVIDERS = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}
# gpuhunt's names leave the form factor out; the families of machines tell it, as each vendor's list
# of machine types does (docs.aws.amazon.com/ec2, learn.microsoft.com/azure/virtual-machines/sizes,
# docs.cloud.google.com/compute/docs/gpus, November 2026). Whose family is not here keeps its name.
FAMILIES = {
    ("aws", "p3"): "V100 SXM",
    ("aws", "p4"): "A100 SXM",
    ("aws", "p5."): "H100 SXM",
    ("aws", "p5e"): "H200 SXM",
    ("azure", "Standard_NC24ads_A100"): "A100 PCIe",
    ("azure", "Standard_NC48ads_A100"): "A100 PCIe",
    ("azure", "Standard_NC96ads_A100"): "A100 PCIe",
    ("azure", "Standard_ND96asr"): "A100 SXM",
    ("azure", "Standard_ND96amsr"): "A100 SXM",
    ("azure", "Standard_NC40ads_H100"): "H100 NVL",
    ("azure", "Standard_NC80adis_H100"): "H100 NVL",
    ("azure", "Standard_ND96isr_H100"): "H100 SXM",
    ("gcp", "a2-"): "A100 SXM",
    ("gcp", "a3-high"): "H100 SXM",
    ("gcp", "a3-mega"): "H100 SXM",
    ("gcp", "a3-ultra"): "H200 SXM",
}

Left = BeforeValidator(lambda told: None if told == "" else told)


class Row(BaseModel):
    """As gpuhunt writes one; what is not used is left unread."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    instance_name: str = Field(min_length=1)
    location: str = Field(min_length=1)
    price: float = Field(ge=0, allow_inf_nan=False)
    cpu: int = Field(ge=0)
    memory: float = Field(ge=0, allow_inf_nan=False)
    gpu_count: int = Field(ge=0)
    gpu_name: Annotated[str | None, Left] = None
    gpu_memory: Annotated[float | None, Field(ge=0, allow_inf_nan=False), Left] = None
    spot: bool


def rows(lines: Iterable[str], file: str) -> Iterator[Row]:
    """Raises InvalidInput at the first that is none, with its line."""
    reader = csv.DictReader(lines)
    for told in reader:
        try:
            yield Row.model_validate(told)
        except ValidationError as error:
            found = error.errors()[0]
            message = f"is no row of gpuhunt's catalog: {found['loc'][0]}: {found['msg']}"
            fix = (
                "Fetch the file again, as gpuhunt publishes it: https://github.com/dstackai/gpuhunt"
            )
            problem = Problem(message, fix=fix, file=file, line=reader.line_num)
            raise InvalidInput([problem]) from None


def list_prices(folder: Path) -> Iterator[ListPrice]:
    """With a GPU and a price, of each provider whose file is there. Raises InvalidInput."""
    for provider in PROVIDERS:
        file = folder / f"{provider}.csv"
        if file.exists():
            with file.open(encoding="utf-8", newline="") as lines:
                yield from _listed(rows(lines, str(file)), provider)


def _listed(found: Iterable[Row], provider: str) -> Iterator[ListPrice]:
    for row in found:
        if row.gpu_count and row.gpu_name and row.gpu_memory and row.price:
            yield ListPrice(
                provider=PROVIDERS[provider],
                name=row.instance_name,
                gpu=_gpu(provider, row),
                gpu_memory_gb=row.gpu_memory,
                gpus=row.gpu_count,
                hourly_usd=row.price,
                cpus=row.cpu,
                memory_gb=row.memory,
                region=row.location,
                spot=row.spot,
                source=SOURCE,
            )


def _gpu(provider: str, row: Row) -> str:
    for (whose, family), gpu in FAMILIES.items():
        if whose == provider and row.instance_name.startswith(family):
            return gpu
    return canonical(row.gpu_name or "")


def cheapest_of_each(prices: Iterable[ListPrice]) -> list[ListPrice]:
    """Of each machine type the region where it costs least, on demand: what to compare with."""
    least: dict[tuple[str, str], ListPrice] = {}
    for each in prices:
        key = each.provider, each.name
        if not each.spot and (key not in least or _by_price(each) < _by_price(least[key])):
            least[key] = each
    return sorted(least.values(), key=lambda each: (each.provider, each.name))


def _by_price(each: ListPrice) -> tuple[float, str]:
    return each.hourly_usd, each.region
