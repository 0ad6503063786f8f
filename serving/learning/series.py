"""A table's series: its times in one zone, its values, the step between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from serving import errors
from serving.learning.calendar import EXAMPLES, Step, moment, step_of
from serving.learning.features import index_of
from serving.port_types import Cell, Table


@dataclass(frozen=True)
class Series:
    """Answers stand in `zone`: that of the last row, where the file tells one."""

    start: datetime
    step: Step
    values: tuple[float, ...]
    zone: tzinfo | None = None

    def time(self, at: int) -> str:
        time = self.step.after(self.start, at)
        if self.start.tzinfo is not None:
            return time.astimezone(self.zone).isoformat()
        return time.replace(tzinfo=self.zone).isoformat()


def series_of(table: Table, time_column: str, value_column: str) -> Series:
    """Raises UnfitData and NoSuchColumn."""
    time_at, value_at = index_of(table, time_column), index_of(table, value_column)
    rows = list(zip(table.numbers, table.rows, strict=True))
    times = [_time(table, number, row[time_at]) for number, row in rows]
    values = tuple(_value(table, number, value_column, row[value_at]) for number, row in rows)
    if len(times) < 2:
        raise errors.UnfitData(data=table.name, reason="two rows or more are needed")
    zone = _zone(table, times)
    steady, step = _steps(table, times)
    return Series(steady[0], step, values, zone)


def _zone(table: Table, times: Sequence[datetime]) -> tzinfo | None:
    if len({time.tzinfo is None for time in times}) > 1:
        reason = "some times have an offset such as +01:00 and others have none"
        raise errors.UnfitData(data=table.name, reason=reason)
    return times[-1].tzinfo


def _steps(table: Table, times: Sequence[datetime]) -> tuple[Sequence[datetime], Step]:
    """By the clock on the wall or, where summer time breaks its steps, by that of the world."""
    local = [time.replace(tzinfo=None) for time in times]
    step = _step(table, local)
    if step.reaches(local) < len(local) and times[0].tzinfo is not None:
        world = [time.astimezone(UTC) for time in times]
        by_world = _step(table, world)
        if by_world.reaches(world) == len(world):
            return world, by_world
    _check(table, local, step)
    return local, step


def _step(table: Table, times: Sequence[datetime]) -> Step:
    try:
        return step_of(times)
    except ValueError as error:
        raise errors.UnfitData(data=table.name, reason=str(error)) from None


def _check(table: Table, times: Sequence[datetime], step: Step) -> None:
    at = step.reaches(times)
    if at == len(times):
        return
    due = step.after(times[0], at).isoformat()
    reason = f"row {table.numbers[at]}: {due} is due, not {times[at].isoformat()}"
    raise errors.UnfitData(data=table.name, reason=f"{reason}; the steps must be equal")


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
