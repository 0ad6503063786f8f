"""When a schedule is due: six fields with the seconds first, as Windmill's cron v2 reads them."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from engine.errors import BadRequest


def due_times(expression: str, timezone: str, after: float) -> Iterator[float]:
    """Moments later than `after`, in seconds since 1970; raises BadRequest if there is none."""
    start = datetime.fromtimestamp(after, _zone(timezone))
    try:
        moments = CronSim(_fields(expression), start)
        first = next(moments)
    except CronSimError as error:
        raise BadRequest(why=f"cron: {error} in {expression!r}") from error
    except StopIteration:
        raise BadRequest(why=f"cron: {expression!r} is never due") from None
    return _seconds(first, moments)


def _seconds(first: datetime, later: Iterator[datetime]) -> Iterator[float]:
    yield first.timestamp()
    yield from (moment.timestamp() for moment in later)


def _fields(expression: str) -> str:
    fields = ["*" if field == "?" else field for field in expression.split()]
    if len(fields) != 6:
        raise BadRequest(why=f"cron: six fields are needed, seconds first, not {expression!r}")
    # Only without its seconds does CronSim spare a fixed time of day the double hour of autumn.
    return " ".join(fields[1:] if fields[0] == "0" else fields)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise BadRequest(why=f"{name!r} is no time zone") from error
