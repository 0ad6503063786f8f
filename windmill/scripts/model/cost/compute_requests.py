"""The machines below a level, added up: what a budget check prices when everything is known."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..base.target import Target
from ..drawing.pipeline import Compute
from ..entry.javascript import Expression, Js, Literal, javascript
from .expansion import ONE, OPEN, Level, Maybe, product


@dataclass(frozen=True)
class ComputeRequest:
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


class ComputeRequests:
    def __init__(self) -> None:
        self._requests: dict[tuple[Level, float | None], list[ComputeRequest]] = {}

    def of(self, level: Level, hours: float | None = None) -> list[ComputeRequest]:
        """As often as the level above runs it; `hours` of the nearest level that gives them."""
        inner = level.of or level
        own = level.entry.hours or hours
        key = inner, own
        if key not in self._requests:
            self._requests[key] = added_up(self._below(inner, own))
        return [times(request, level.times) for request in self._requests[key]]

    def _below(self, level: Level, hours: float | None) -> Iterator[ComputeRequest]:
        if level.rents:
            compute = (level.entry.compute or Compute()).model_copy(update={"max_hourly_usd": None})
            # A target that an earlier step tells is as open as one that nobody has chosen.
            target = level.target or OPEN
            yield ComputeRequest("", compute, level.targets, target, hours)
        for each in level.below:
            for request in self.of(each, hours):
                yield replace(request, path=f"{each.id}/{request.path}".strip("/"))


def added_up(requests: Iterable[ComputeRequest]) -> list[ComputeRequest]:
    groups: dict[tuple[Any, ...], list[ComputeRequest]] = {}
    for request in requests:
        if request.count != Literal(0):
            groups.setdefault(request.same, []).append(request)
    return [_sum(alike) for alike in groups.values()]


def _sum(alike: list[ComputeRequest]) -> ComputeRequest:
    plain = sum(each.count.value for each in alike if isinstance(each.count, Literal))
    texts = [each.count.text for each in alike if isinstance(each.count, Js)]
    count: Expression = Literal(plain)
    if texts:
        count = Js(f"({' + '.join([*texts, *([str(plain)] if plain else [])])})")
    return replace(alike[0], count=count, endless=any(each.endless for each in alike))


def times(request: ComputeRequest, often: Maybe) -> ComputeRequest:
    """Where nobody knows how often, once, and there may be more."""
    if often is None:
        return replace(request, endless=True)
    count = product(request.count, often)
    assert count is not None, "both are known"
    return replace(request, count=count)
