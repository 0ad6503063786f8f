"""A million offers held, and the best of them at once: as `rank` has it, for those that are shown.

The order hangs on no constraint, so rows stand in it from the start; a question is then a look at
the columns that it names. Nothing that a worker runs imports this: NumPy is the platform's own.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from ..gpus import is_model
from ..offer import Offer
from ..optimizer import Candidate, Constraints, candidate_of, refused_of, value_of
from ..places import is_in
from ..prices import ListPrice
from .columns import Coded, Mask, Numbers, Rows, Texts, ordered

NUMBERS = {
    "hourly_usd", "machine_usd", "disk_usd", "egress_usd_per_gb", "gpu_memory_gb", "gpus", "cpus",
    "memory_gb", "disk_gb", "reliability",
}  # fmt: skip
TEXTS = {"name", "pool"}
LEAST = {
    "gpu_memory_gb": "gpu_memory_gb",
    "gpus": "gpus",
    "cpus": "cpus",
    "memory_gb": "memory_gb",
    "min_reliability": "reliability",
}


class Best(BaseModel):
    """`fitting` and `others`: how many there are in all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    candidates: tuple[Candidate, ...]
    refused: tuple[Candidate, ...]
    fitting: int
    others: int


class OfferBook:
    def __init__(self, offers: Iterable[Offer]) -> None:
        self._coded = {each: Coded() for each in Offer.model_fields if each not in NUMBERS | TEXTS}
        self._numbers = {name: Numbers() for name in NUMBERS}
        self._texts = {name: Texts() for name in TEXTS}
        by_value, by_price = self._orders(self._filled(offers))
        # Of every row in the order of values, which place it has in that of prices.
        place = np.empty(len(by_value), np.uint32)
        place[by_price] = np.arange(len(by_price), dtype=np.uint32)
        self._prices = place[by_value]
        for column in self._columns.values():
            column.close(by_value)
        self._unfit = self._coded["unfit"].where(bool)
        self._spot = self._coded["spot"].where(bool)

    def __len__(self) -> int:
        return len(self._prices)

    def best(
        self,
        wanted: Constraints,
        limit: int,
        baselines: Sequence[ListPrice] = (),
        *,
        refused: int = 0,
    ) -> Best:
        """So many of each at most, in the very order of `rank`."""
        fits = self._fitting(wanted)
        rows = np.flatnonzero(fits)
        others = self._cheapest(np.flatnonzero(~fits), refused) if refused else []
        return Best(
            candidates=tuple(
                candidate_of(self.offer(row), baselines) for row in rows[:limit].tolist()
            ),
            refused=tuple(refused_of(self.offer(row), wanted) for row in others),
            fitting=len(rows),
            others=len(self) - len(rows),
        )

    def offer(self, row: int) -> Offer:
        told = {name: column.at(row) for name, column in self._columns.items()}
        return Offer.model_validate(told)

    @property
    def _columns(self) -> dict[str, Coded | Numbers | Texts]:
        return {**self._coded, **self._numbers, **self._texts}

    def _filled(self, offers: Iterable[Offer]) -> Iterator[float]:
        """What each costs for the same work."""
        columns = self._columns.items()
        for offer in offers:
            for name, column in columns:
                column.add(getattr(offer, name))
            yield value_of(offer)

    def _orders(self, values: Iterator[float]) -> tuple[Rows, Rows]:
        value = np.fromiter(values, np.float64)
        hourly = self._numbers["hourly_usd"].unordered()
        target, name = self._coded["target"].ranks(), self._texts["name"].unordered
        return ordered((value, hourly, target), name), ordered((hourly, target), name)

    def _fitting(self, wanted: Constraints) -> Mask:
        fits = ~self._unfit if wanted.spot else ~(self._unfit | self._spot)
        for asked, column in LEAST.items():
            if least := getattr(wanted, asked):
                fits &= self._numbers[column].values >= least
        if wanted.max_hourly_usd is not None:
            fits &= self._numbers["hourly_usd"].values <= wanted.max_hourly_usd
        if wanted.gpu:
            fits &= self._coded["gpu"].where(lambda gpu: is_model(gpu, wanted.gpu))
        if wanted.regions:
            fits &= self._there(wanted.regions)
        return fits

    def _there(self, regions: Sequence[str]) -> Mask:
        named = (self._coded["region"], self._coded["jurisdiction"])
        there, under = (each.where(lambda told: is_in(regions, told)) for each in named)
        return there | under

    def _cheapest(self, rows: Rows, limit: int) -> list[int]:
        """Most need not be put in order."""
        price = self._prices[rows]
        if len(rows) > limit:
            nearest = np.argpartition(price, limit)[:limit]
            rows, price = rows[nearest], price[nearest]
        found: list[int] = rows[np.argsort(price)].tolist()
        return found
