"""Which rented machine each charge pays: what is open is told its machine, and every machine that
is or may be there is counted again.
"""

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Column, Connection, DateTime, Row, String, column, table

from .migration import Migration

if TYPE_CHECKING:
    from alembic.operations import Operations

# Of an offer, what is kept as its price.
KEPT = ("target", "hourly_usd", "machine", "gpu", "gpus", "region", "spot", "source", "read_on")

ATTEMPTS = table(
    "attempts",
    *map(column, ("name", "deployment_id", "number", "offer", "state", "hourly_usd")),
    column("created_at", DateTime),
)
CHARGES = table(
    "charges",
    *map(column, ("id", "deployment_id", "attempt", "revision")),
    column("price", JSON),
    column("since", DateTime),
    column("until", DateTime),
)


def upgrade(op: "Operations") -> None:
    op.add_column("charges", Column("attempt", String, nullable=False, server_default=""))
    op.create_index("ix_charges_attempt", "charges", ["attempt"])
    connection = op.get_bind()
    there = ATTEMPTS.select().where(ATTEMPTS.c.state != "gone").order_by(ATTEMPTS.c.number.desc())
    for attempt in connection.execute(there).all():
        _count(connection, attempt)


def _count(connection: Connection, attempt: Row[Any]) -> None:
    """The newest machine was counted last: it takes the newest charge that is open."""
    own = CHARGES.select().where(CHARGES.c.deployment_id == attempt.deployment_id)
    charges = connection.execute(own.order_by(CHARGES.c.id.desc())).all()
    free = next((each for each in charges if each.until is None and not each.attempt), None)
    if free is not None:
        taken = CHARGES.update().where(CHARGES.c.id == free.id)
        connection.execute(taken.values(attempt=attempt.name))
    else:
        whose = {"deployment_id": attempt.deployment_id, "attempt": attempt.name}
        connection.execute(CHARGES.insert().values(**whose, **_left_out(attempt, charges)))


def _left_out(attempt: Row[Any], charges: Any) -> dict[str, Any]:
    """Counted on from where it was given up too early, or else from when it was asked for."""
    offer = json.loads(attempt.offer)
    hourly = attempt.hourly_usd or offer["hourly_usd"]
    before = [
        each
        for each in charges
        if each.until and each.price["offer"] == offer["name"]
        and each.price["hourly_usd"] == hourly
    ]  # fmt: skip
    if before:
        (last, *_) = before
        return {"price": last.price, "revision": last.revision, "since": last.until}
    price = {name: offer[name] for name in KEPT if name in offer}
    price |= {"offer": offer["name"], "hourly_usd": hourly}
    return {"price": price, "revision": 0, "since": attempt.created_at}


MIGRATION = Migration("0007", "0006", upgrade)
