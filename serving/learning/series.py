"""A table's series: its times in one zone, its values, the step between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from serving import errors
from serving.learning.calendar import EXAMPLES, Step, moment, step_of
from serving.learning.features import index_of
from serving.learning.gaps import Duplicates, Even, Gaps, Point, filled, without_doubles
from serving.port_types import Cell, Table
from serving.problems import counted
from serving.reading_report import LeftOut, rows_left_out

TWICE = "Set the model's `duplicates` to mean or sum, or leave one row for each time."
MISSING = "Set the model's `gaps` to fill, or give the rows that are missing."


@dataclass(frozen=True)
class Series:
    """Answers stand in `zone`: that of the last row, where the file tells one."""

    start: datetime
    step: Step
    values: tuple[float, ...]
    zone: tzinfo | None = None
    rows: int = 0  # of the table, that the values come from
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def time(self, at: int) -> str:
        time = self.step.after(self.start, at)
        if self.start.tzinfo is not None:
            return time.astimezone(self.zone).isoformat()
        return time.replace(tzinfo=self.zone).isoformat()


@dataclass(frozen=True)
class Evening:
    """What its owner chose for what is missing or there twice."""

    gaps: Gaps = "refuse"
    duplicates: Duplicates = "refuse"


AS_IT_IS = Evening()


def series_of(
    table: Table, time_column: str, value_column: str, evening: Evening = AS_IT_IS
) -> Series:
    """Raises UnfitData and NoSuchColumn."""
    time_at, value_at = index_of(table, time_column), index_of(table, value_column)
    rows = list(zip(table.numbers, table.rows, strict=True))
    times = [_time(table, number, row[time_at]) for number, row in rows]
    fills = evening.gaps == "fill"
    values = [
        None
        if fills and row[value_at] is None
        else _value(table, number, value_column, row[value_at])
        for number, row in rows
    ]
    if len(times) < 2:
        raise errors.UnfitData(data=table.name, reason="two rows or more are needed")
    zone = _zone(table, times)
    numbers = [number for number, _ in rows]
    points = _single(table, list(map(Point, numbers, times, values)), evening.duplicates)
    even = _filled(table, points) if fills else _unbroken(table, points)
    known, empty = sum(point.value is not None for point in points), values.count(None)
    notes = tuple(_notes(len(rows) - len(points), len(even.values) - known, evening))
    why = f"{counted(empty, 'row')} without {value_column}"
    left_out = rows_left_out(table.name, why, empty)
    return Series(even.start, even.step, even.values, zone, len(rows) - empty, notes, left_out)


def _single(table: Table, points: Sequence[Point], how: Duplicates) -> list[Point]:
    try:
        return without_doubles(points, how)
    except ValueError as error:
        raise errors.UnfitData(data=table.name, reason=str(error), fix=TWICE) from None


def _filled(table: Table, points: Sequence[Point]) -> Even:
    try:
        return filled(points)
    except ValueError as error:
        raise errors.UnfitData(data=table.name, reason=str(error)) from None


def _unbroken(table: Table, points: Sequence[Point]) -> Even:
    steady, step = _steps(table, points)
    return Even(steady[0], step, tuple(point.value for point in points if point.value is not None))


def _notes(twice: int, missing: int, evening: Evening) -> Iterator[str]:
    if twice:
        rows = counted(twice, "row")
        yield f"{rows} with the time of another; the {evening.duplicates} of such counts"
    if missing:
        yield f"filled: {counted(missing, 'missing step')}, on the line between neighbours"


def _zone(table: Table, times: Sequence[datetime]) -> tzinfo | None:
    if len({time.tzinfo is None for time in times}) > 1:
        reason = "some times have an offset such as +01:00 and others have none"
        raise errors.UnfitData(data=table.name, reason=reason)
    return times[-1].tzinfo


def _steps(table: Table, points: Sequence[Point]) -> tuple[Sequence[datetime], Step]:
    """By the clock on the wall or, where summer time breaks its steps, by that of the world."""
    times = [point.time for point in points]
    local = [time.replace(tzinfo=None) for time in times]
    step = _step(table, local)
    if step.reaches(local) < len(local) and times[0].tzinfo is not None:
        world = [time.astimezone(UTC) for time in times]
        by_world = _step(table, world)
        if by_world.reaches(world) == len(world):
            return world, by_world
    _check(table, points, local, step)
    return local, step


def _step(table: Table, times: Sequence[datetime]) -> Step:
    try:
        return step_of(times)
    except ValueError as error:
        raise errors.UnfitData(data=table.name, reason=str(error)) from None


def _check(table: Table, points: Sequence[Point], times: Sequence[datetime], step: Step) -> None:
    at = step.reaches(times)
    if at == len(times):
        return
    due = step.after(times[0], at).isoformat()
    reason = f"row {points[at].row}: {due} is due, not {times[at].isoformat()}"
    reason += "; the steps must be equal"
    raise errors.UnfitData(data=table.name, reason=reason, fix=MISSING)


def _time(table: Table, number: int, value: Cell) -> datetime:
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    try:
        return moment(text)
    except ValueError:
        reason = f'row {number}: "{text}" is no date such as {EXAMPLES}'
        raise errors.UnfitData(data=table.name, reason=reason) from None


def _value(table: Table, number: int, column: str, value: Any) -> float:
    if isinstance(value, float):
        return value
    reason = f"row {number}: {column} is missing or not a number"
    raise errors.UnfitData(data=table.name, reason=reason)
