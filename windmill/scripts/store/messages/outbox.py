"""What people were to be told while n8n was away: kept until somebody took it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..registry import Registry
from ..tables import OutboxRow

# Older news is told by `mlops status` as well, and helps nobody.
KEPT_FOR = timedelta(days=3)


class Notice(BaseModel):
    id: int
    deployment_id: str
    subject: str
    text: str
    at: datetime


def put(registry: Registry, deployment_id: str, subject: str, text: str) -> None:
    with Session(registry.engine) as session, session.begin():
        row = OutboxRow(deployment_id=deployment_id, subject=subject, at=registry.clock())
        row.text = ""
        session.add(row)
        session.flush()  # a sealed cell is bound to the row's key
        registry.cells.set(row, "text", text)


def waiting(registry: Registry) -> Sequence[Notice]:
    """The oldest first. Raises SealedCell."""
    with Session(registry.engine) as session:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [Notice.model_validate(registry.cells.all(row)) for row in rows]


def send_all(registry: Registry, send: Callable[[Notice], object]) -> tuple[int, int]:
    """How many went and how many are too old. What `send` raises ends it: the rest is kept.

    One that was sent when this was cut off is sent again: twice is better than never.
    """
    sent = too_old = 0
    for notice in waiting(registry):
        if registry.clock() - notice.at > KEPT_FOR:
            too_old += 1
        else:
            send(notice)
            sent += 1
        _remove(registry, notice.id)
    return sent, too_old


def _remove(registry: Registry, id: int) -> None:
    with Session(registry.engine) as session, session.begin():
        session.execute(delete(OutboxRow).where(OutboxRow.id == id))
