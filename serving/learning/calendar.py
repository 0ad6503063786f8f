"""Equal steps in time: found from the dates of a series, and continued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = 24 * 60
MONTHS_OF = {28: 1, 29: 1, 30: 1, 31: 1, 365: 12, 366: 12}
QUARTER_DAYS = range(89, 93)
SEASONS = {60: 24, DAY: 7, 7 * DAY: 52}  # of hours, days and weeks
SEASONS_OF_MONTHS = {1: 12, 3: 4}


@dataclass(frozen=True)
class Step:
    minutes: int = 0
    months: int = 0

    @property
    def season(self) -> int:
        """How many steps usually make a round; 1 where none is usual."""
        return SEASONS_OF_MONTHS.get(self.months) or SEASONS.get(self.minutes, 1)

    def after(self, start: datetime, count: int) -> datetime:
        if not self.months:
            return start + timedelta(minutes=self.minutes * count)
        month = start.year * 12 + start.month - 1 + self.months * count
        return start.replace(year=month // 12, month=month % 12 + 1)


def step_of(times: Sequence[datetime]) -> Step:
    """The step from the first to the second; raises ValueError where there is none."""
    first, second = times[:2]
    minutes = int((second - first).total_seconds() // 60)
    if minutes < 1:
        raise ValueError("the times must rise by a minute or more")
    days = minutes // DAY
    months = 3 if days in QUARTER_DAYS else MONTHS_OF.get(days, 0)
    # Months differ in length; the first of each is the same step.
    if months and minutes % DAY == 0 and first.day == second.day <= 28:
        return Step(months=months)
    return Step(minutes=minutes)
