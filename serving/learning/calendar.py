"""Equal steps in time: found from the dates of a series, and continued as calendars have them."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = 24 * 60 * 60
SEASONS = {60 * 60: 24, DAY: 7, 7 * DAY: 52}  # of hours, days and weeks
SEASONS_OF_MONTHS = {1: 12, 2: 6, 3: 4, 6: 2}
BUSINESS_DAYS = 5
EXAMPLES = (
    "2026-03-31, 2026-03-31T14:00, 2026/03/31, 31.03.2026, Mar 31 2026, 20260331, 2026-03, 2026Q1 "
    "or 2026"
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Step:
    seconds: int = 0
    months: int = 0
    month_end: bool = False  # the last of each, however long it is
    business_days: bool = False

    @property
    def season(self) -> int:
        """How many steps usually make a round; 1 where none is usual."""
        if self.business_days:
            return BUSINESS_DAYS
        return SEASONS_OF_MONTHS.get(self.months) or SEASONS.get(self.seconds, 1)

    def after(self, start: datetime, count: int) -> datetime:
        if self.business_days:
            weeks, day = divmod(start.weekday() + count, BUSINESS_DAYS)
            return start + timedelta(days=7 * weeks + day - start.weekday())
        if self.months:
            return self._months_after(start, self.months * count)
        return start + timedelta(seconds=self.seconds * count)

    def _months_after(self, start: datetime, months: int) -> datetime:
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        last = monthrange(year, month + 1)[1]
        day = last if self.month_end else min(start.day, last)
        return start.replace(year=year, month=month + 1, day=day)

    def reaches(self, times: Sequence[datetime]) -> int:
        """How many of the times it explains before the first that it does not."""
        fits = (time == self.after(times[0], at) for at, time in enumerate(times))
        return next((at for at, fit in enumerate(fits) if not fit), len(times))


def step_of(times: Sequence[datetime]) -> Step:
    """The one that explains most of the times; raises ValueError where they do not rise."""
    first, second = times[:2]
    if second - first < timedelta(seconds=1):
        raise ValueError("the times must rise by a second or more")
    return max(candidates(first, second), key=lambda step: step.reaches(times))


def candidates(first: datetime, second: datetime) -> Iterator[Step]:
    """What may explain the first step; of equally good ones the first is taken."""
    months = (second.year - first.year) * 12 + second.month - first.month
    if months:
        yield Step(months=months)
        yield Step(months=months, month_end=True)
    yield Step(seconds=int((second - first).total_seconds()))
    if first.weekday() < BUSINESS_DAYS:
        yield Step(business_days=True)


def moment(text: str) -> datetime:
    """Of a date as people write it; a period begins with its first day. Raises ValueError."""
    for form, read in FORMS.items():
        if match := re.fullmatch(form, text.strip()):
            return read(match)
    return datetime.fromisoformat(text.strip())


def _of(year: str, month: int | str = 1, day: int | str = 1) -> datetime:
    return datetime(int(year), int(month), int(day))


def _named(month: str, day: str, year: str) -> datetime:
    """English, whatever language the machine speaks: strptime would read its own."""
    return _of(year, MONTHS.index(month[:3].lower()) + 1, day)


def _at(date: datetime, time: str) -> datetime:
    return datetime.fromisoformat(f"{date:%Y-%m-%d}T{time}")


FORMS: Mapping[str, Callable[[re.Match[str]], datetime]] = {
    r"(\d{4})": lambda match: _of(match[1]),
    r"(\d{4})-?[qQ]([1-4])": lambda match: _of(match[1], 3 * int(match[2]) - 2),
    r"(\d{4})[-/](\d{1,2})": lambda match: _of(match[1], match[2]),
    r"(\d{4})/(\d{1,2})/(\d{1,2})": lambda match: _of(match[1], match[2], match[3]),
    r"(\d{4})/(\d{1,2})/(\d{1,2})[ T](\d.*)": lambda match: _at(_of(*match.groups()[:3]), match[4]),
    r"(\d{1,2})\.(\d{1,2})\.(\d{4})": lambda match: _of(match[3], match[2], match[1]),
    r"([A-Za-z]{3,9})[- ](\d{1,2}),?[- ](\d{4})": lambda match: _named(*match.groups()),
}
