"""What was asked of providers, machine by machine: written down before it is asked, with what it
costs, for what is paid is what is there.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from ..model.drawing.charge import Price
from .tables import AttemptRow, ChargeRow, DeploymentRow


class AttemptState(StrEnum):
    intended = "intended"  # it may have been asked for; whether it is there, its name tells
    rented = "rented"
    ending = "ending"
    gone = "gone"  # never made, or ended and seen to be gone


OPEN = (AttemptState.intended, AttemptState.rented, AttemptState.ending)


class Attempt(BaseModel):
    """`hourly_usd` is what the provider takes for the machine, once it is there."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    name: str
    deployment_id: str
    number: int
    provider: str
    offer: str
    order_digest: str
    state: AttemptState
    machine_id: str = ""
    hourly_usd: float = 0.0
    reason: str = ""
    created_at: datetime
    updated_at: datetime


class Attempts:
    """Every method is one transaction."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    def intend(
        self,
        deployment_id: str,
        provider: str,
        offer: str,
        order_digest: str,
        name_of: Callable[[int], str],
        price: Price,
    ) -> Attempt:
        """A new one, under the next number: no two machines ever bear the same name. Counted from
        now on for the revision at work."""
        numbers = select(func.max(AttemptRow.number)).where(
            AttemptRow.deployment_id == deployment_id
        )
        with Session(self._engine) as session, session.begin():
            number = (session.scalar(numbers) or 0) + 1
            now = self._clock()
            row = AttemptRow(
                name=name_of(number),
                deployment_id=deployment_id,
                number=number,
                provider=provider,
                offer=offer,
                order_digest=order_digest,
                state=AttemptState.intended,
                machine_id="",
                hourly_usd=0.0,
                reason="",
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            session.flush()
            revision = session.get_one(DeploymentRow, deployment_id).revision
            _charge(session, row, revision, price.model_dump(mode="json"), now)
            return Attempt.model_validate(row)

    def rented(self, name: str, machine_id: str, hourly_usd: float) -> Attempt:
        with Session(self._engine) as session, session.begin():
            row = session.get_one(AttemptRow, name)
            if hourly_usd:  # some tell it only once the machine runs
                _reprice(session, row, hourly_usd, self._clock())
            row.hourly_usd, row.machine_id = hourly_usd, machine_id
            return self._noted(session, row, AttemptState.rented)

    def ending(self, name: str, reason: str) -> Attempt:
        with Session(self._engine) as session, session.begin():
            row = session.get_one(AttemptRow, name)
            row.reason = reason
            return self._noted(session, row, AttemptState.ending)

    def gone(self, name: str, reason: str = "", was_there: bool = False) -> Attempt:
        """It costs nothing more, and cost nothing where it was never made. `was_there`: it was made
        and ended before anybody wrote down that it was rented."""
        with Session(self._engine) as session, session.begin():
            row = session.get_one(AttemptRow, name)
            for charge in _charges(session, row):
                if row.state == AttemptState.intended and not was_there:
                    session.delete(charge)
                else:
                    charge.until = self._clock()
            row.reason = reason or row.reason
            return self._noted(session, row, AttemptState.gone)

    def open(self, deployment_id: str = "") -> Sequence[Attempt]:
        """What is or may be there, the oldest first; of all deployments where none is named."""
        query = select(AttemptRow).where(AttemptRow.state.in_(OPEN))
        if deployment_id:
            query = query.where(AttemptRow.deployment_id == deployment_id)
        return self._found(query.order_by(AttemptRow.created_at, AttemptRow.number))

    def of(self, deployment_id: str) -> Sequence[Attempt]:
        query = select(AttemptRow).where(AttemptRow.deployment_id == deployment_id)
        return self._found(query.order_by(AttemptRow.number))

    def _found(self, query: Select[AttemptRow]) -> Sequence[Attempt]:
        with Session(self._engine) as session:
            return [Attempt.model_validate(row) for row in session.scalars(query)]

    def _noted(self, session: Session, row: AttemptRow, state: AttemptState) -> Attempt:
        row.state, row.updated_at = state, self._clock()
        session.flush()
        return Attempt.model_validate(row)


def _charge(
    session: Session, row: AttemptRow, revision: int, price: dict[str, Any], now: datetime
) -> None:
    charge = ChargeRow(
        deployment_id=row.deployment_id,
        attempt=row.name,
        revision=revision,
        price=price,
        since=now,
    )
    session.add(charge)


def _reprice(session: Session, row: AttemptRow, hourly_usd: float, now: datetime) -> None:
    """What is told first was paid from the start; what is told later, from then on."""
    for charge in _charges(session, row):
        price = {**charge.price, "hourly_usd": hourly_usd}
        if not row.hourly_usd:
            charge.price = price
        elif price != charge.price:
            charge.until = now
            _charge(session, row, charge.revision, price, now)


def _charges(session: Session, row: AttemptRow) -> Sequence[ChargeRow]:
    """What is still counted of it."""
    own = select(ChargeRow).where(ChargeRow.attempt == row.name)
    return session.scalars(own.where(ChargeRow.until.is_(None))).all()
