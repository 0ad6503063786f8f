"""What was asked of providers, machine by machine: written down before it is asked."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from .tables import AttemptRow


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
    ) -> Attempt:
        """A new one, under the next number: no two machines ever bear the same name."""
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
            return Attempt.model_validate(row)

    def rented(self, name: str, machine_id: str, hourly_usd: float) -> Attempt:
        return self._note(
            name, state=AttemptState.rented, machine_id=machine_id, hourly_usd=hourly_usd
        )

    def ending(self, name: str, reason: str) -> Attempt:
        return self._note(name, state=AttemptState.ending, reason=reason)

    def gone(self, name: str, reason: str = "") -> Attempt:
        known = {"reason": reason} if reason else {}
        return self._note(name, state=AttemptState.gone, **known)

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

    def _note(self, name: str, **values: object) -> Attempt:
        with Session(self._engine) as session, session.begin():
            row = session.get_one(AttemptRow, name)
            for field, value in values.items():
                setattr(row, field, value)
            row.updated_at = self._clock()
            session.flush()
            return Attempt.model_validate(row)
