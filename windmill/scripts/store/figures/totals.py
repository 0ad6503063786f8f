"""What the registry holds, summed by the database: rows may be a million."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, extract, func, literal, select
from sqlalchemy.orm import Session

from ...model.drawing.deployment import State
from ..reading import RegistryReader
from ..tables import ChargeRow, DeploymentRow, UtcDateTime

SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True)
class Spent:
    """In USD. `compared_usd` is the part of `usd` whose machines have a list price, `list_usd`."""

    usd: float = 0.0
    compared_usd: float = 0.0
    list_usd: float = 0.0

    @property
    def saved(self) -> float | None:
        """The share that was saved beside list prices, 1 at most; negative where they are less."""
        return 1 - self.compared_usd / self.list_usd if self.list_usd else None


@dataclass(frozen=True)
class Totals:
    """`states`: how many deployments, each of a state and a target, '' where there is none yet.

    `hourly_usd`: by target.
    """

    states: Sequence[tuple[str, str, int]] = ()
    hourly_usd: Sequence[tuple[str, float]] = ()
    spent: Spent = Spent()


def totals(registry: RegistryReader, now: datetime) -> Totals:
    with Session(registry.engine) as session:
        states = _states(session)
        targets = {target: 0.0 for _, target, _ in states}
        hourly = sorted((targets | _hourly_usd(session)).items())
        return Totals(states, tuple(hourly), _spent(session, now, None))


def spent_since(registry: RegistryReader, since: datetime, now: datetime) -> Spent:
    """For what was paid for between the two."""
    with Session(registry.engine) as session:
        return _spent(session, now, since)


def _states(session: Session) -> tuple[tuple[str, str, int], ...]:
    of = DeploymentRow.state, func.coalesce(DeploymentRow.target, "")
    there = DeploymentRow.state != State.destroyed.value
    query = select(*of, func.count()).where(there).group_by(*of).order_by(*of)
    return tuple((state, target, number) for state, target, number in session.execute(query))


def _hourly_usd(session: Session) -> dict[str, float]:
    """By target: what is charged now, which is little beside all that ever was."""
    target = func.coalesce(DeploymentRow.target, "")
    query = (
        select(target, func.sum(_number("hourly_usd")))
        .join(DeploymentRow, DeploymentRow.id == ChargeRow.deployment_id)
        .where(ChargeRow.until.is_(None))
        .group_by(target)
    )
    return {target: float(usd or 0) for target, usd in session.execute(query)}


def _spent(session: Session, now: datetime, since: datetime | None) -> Spent:
    hours = _seconds(now, since) / SECONDS_PER_HOUR
    paid, listed = _number("hourly_usd"), _number("list_usd")
    compared = func.sum(hours * paid).filter(listed.is_not(None))
    query = select(func.sum(hours * paid), compared, func.sum(hours * listed))
    if since is not None:
        query = query.where(ChargeRow.until.is_(None) | (ChargeRow.until > since))
    return Spent(*(float(usd or 0) for usd in session.execute(query).one()))


def _seconds(now: datetime, since: datetime | None) -> ColumnElement[float]:
    """Whole ones on SQLite. Clocks are put back: nothing costs less than nothing."""
    begin: ColumnElement[datetime] = ChargeRow.since.expression
    if since is not None:
        begin = case((begin < since, _moment(since)), else_=begin)
    end = func.coalesce(ChargeRow.until, _moment(now))
    seconds = extract("epoch", end) - extract("epoch", begin)
    return case((seconds > 0, seconds), else_=0)


def _moment(at: datetime) -> ColumnElement[datetime]:
    return literal(at, UtcDateTime())


def _number(name: str) -> ColumnElement[float]:
    found: ColumnElement[float] = ChargeRow.price[name].as_float()
    return found
