"""Holes and doubles of a series, closed as its owner chose; what was not chosen is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby, pairwise
from typing import Literal

from serving.learning.calendar import BUSINESS_DAYS, Step, candidates

Gaps = Literal["refuse", "fill"]
Duplicates = Literal["refuse", "mean", "sum"]


@dataclass(frozen=True)
class Point:
    row: int
    time: datetime
    value: float | None


@dataclass(frozen=True)
class Even:
    """A value for each step from `start` on."""

    start: datetime
    step: Step
    values: tuple[float, ...]


def without_doubles(points: Sequence[Point], how: Duplicates) -> list[Point]:
    """One for each moment. Raises ValueError where there are more and nobody chose."""
    return [_one(list(same), how) for _, same in groupby(points, key=lambda point: point.time)]


def filled(points: Sequence[Point]) -> Even:
    """Missing values lie on the line between their neighbours; the series begins with its first
    value and ends with its last. Raises ValueError where no step of a calendar meets all times, or
    more would be filled than there are.
    """
    given = [at for at, point in enumerate(points) if point.value is not None]
    if len(given) < 2:
        raise ValueError("two values or more are needed")
    points = points[given[0] : given[-1] + 1]
    found = [*_steady(points), *_steady(_by_the_world(points))]
    if not found:
        raise ValueError("no equal step meets all times, with gaps of no more steps than values")
    start, step, places = min(found, key=lambda each: each[2][-1])
    return Even(start, step, _interpolated(places, points))


def _one(same: Sequence[Point], how: Duplicates) -> Point:
    if len(same) == 1:
        return same[0]
    if how == "refuse":
        rows = " and ".join(str(point.row) for point in same[:2])
        raise ValueError(f"rows {rows} have the same time, {same[0].time.isoformat()}")
    values = [point.value for point in same if point.value is not None]
    share = 1 if how == "sum" else len(values)
    return replace(same[0], value=sum(values) / share if values else None)


def _by_the_world(points: Sequence[Point]) -> list[Point]:
    """Nothing where the times have no offsets."""
    if points[0].time.tzinfo is None:
        return []
    return [replace(point, time=point.time.astimezone(UTC)) for point in points]


def _steady(points: Sequence[Point]) -> Iterator[tuple[datetime, Step, list[int]]]:
    """Steps that meet all times, and which step each time is."""
    times = [point.time.replace(tzinfo=None) for point in points]
    if points and points[0].time.tzinfo is UTC:
        times = [point.time for point in points]
    pairs = [(after - before, before, after) for before, after in pairwise(times)]
    if not pairs or min(pairs)[0].total_seconds() < 1:
        return
    _, first, second = min(pairs)
    for step in candidates(first, second):
        if step.business_days and times[0].weekday() >= BUSINESS_DAYS:
            continue
        if places := _places(step, times):
            yield times[0], step, places


def _places(step: Step, times: Sequence[datetime]) -> list[int] | None:
    at, places = 0, []
    for time in times:
        while at < 2 * len(times) and step.after(times[0], at) < time:
            at += 1
        if step.after(times[0], at) != time:
            return None
        places.append(at)
        at += 1
    return places


def _interpolated(places: Sequence[int], points: Sequence[Point]) -> tuple[float, ...]:
    import numpy as np

    known = [(at, point.value) for at, point in zip(places, points, strict=True)]
    at, values = zip(*((at, value) for at, value in known if value is not None), strict=True)
    return tuple(map(float, np.interp(range(places[-1] + 1), at, values)))
