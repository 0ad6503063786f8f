"""The machines below a level, added up: what a budget gate prices when everything is known."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..drawing.deployment import Target
from ..drawing.pipeline import Compute
from ..entry.javascript import Expression, Js, Literal, javascript
from .expansion import ONE, OPEN, Level, Maybe, product


@dataclass(frozen=True)
class Demand:
    """`path` leads to the first of them. `endless`: there may be more than `count`."""

    path: str
    compute: Compute
    targets: tuple[Target, ...]
    target: Expression
    hours: float | None
    count: Expression = ONE
    endless: bool = False

    @property
    def same(self) -> tuple[Any, ...]:
        target = type(self.target).__name__, javascript(self.target)
        return self.compute, self.targets, target, self.hours


class Demands:
    def __init__(self) -> None:
        self._known: dict[tuple[int, float | None], list[Demand]] = {}

    def of(self, level: Level, hours: float | None = None) -> list[Demand]:
        """As often as the level above runs it; `hours` of the nearest level that gives them."""
        inner = level.of or level
        own = level.entry.hours or hours
        known = id(inner), own
        if known not in self._known:
            self._known[known] = added_up(self._below(inner, own))
        return [times(demand, level.times) for demand in self._known[known]]

    def _below(self, level: Level, hours: float | None) -> Iterator[Demand]:
        if level.rents:
            compute = (level.entry.compute or Compute()).model_copy(update={"max_hourly_usd": None})
            # A target that an earlier step tells is as open as one that nobody has chosen.
            target = level.target or OPEN
            yield Demand("", compute, level.targets, target, hours)
        for each in level.below:
            for demand in self.of(each, hours):
                yield replace(demand, path=f"{each.id}/{demand.path}".strip("/"))


def added_up(demands: Iterable[Demand]) -> list[Demand]:
    found: dict[tuple[Any, ...], list[Demand]] = {}
    for demand in demands:
        if demand.count != Literal(0):
            found.setdefault(demand.same, []).append(demand)
    return [_sum(alike) for alike in found.values()]


def _sum(alike: list[Demand]) -> Demand:
    known = sum(each.count.value for each in alike if isinstance(each.count, Literal))
    texts = [each.count.text for each in alike if isinstance(each.count, Js)]
    count: Expression = Literal(known)
    if texts:
        count = Js(f"({' + '.join([*texts, *([str(known)] if known else [])])})")
    return replace(alike[0], count=count, endless=any(each.endless for each in alike))


def times(demand: Demand, often: Maybe) -> Demand:
    """Where nobody knows how often, once, and there may be more."""
    if often is None:
        return replace(demand, endless=True)
    count = product(demand.count, often)
    assert count is not None, "both are known"
    return replace(demand, count=count)
