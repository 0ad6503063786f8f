"""The way of the gateway's tables to what this version reads and writes.

A migration that was released is never changed again; it names its columns itself, as `tables.py`
goes on changing.
"""

from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Engine,
    Integer,
    String,
    delete,
    insert,
    select,
)

from gateway.errors import StateAhead
from gateway.state.tables import VERSION
from windmill.scripts.store.exclusive import alone_with
from windmill.scripts.store.migrations.migration import Migration

if TYPE_CHECKING:
    from alembic.operations import Operations


def _keys(op: "Operations") -> None:
    op.create_table(
        "access_keys",
        Column("id", String(16), primary_key=True),
        Column("name", String(100), nullable=False),
        Column("live_name", String(100), unique=True),
        Column("digest", String(64), nullable=False),
        Column("workspace", String(100), nullable=False),
        Column("role", String(20), nullable=False),
        Column("deployments", JSON),
        Column("created_by", String(200), nullable=False),
        Column("created_at", DateTime, nullable=False),
        Column("expires_at", DateTime),
        Column("last_used_at", DateTime),
        Column("revoked_at", DateTime),
    )


def _audit(op: "Operations") -> None:
    op.create_table(
        "access_audit",
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("at", DateTime, nullable=False),
        Column("who", String(200), nullable=False),
        Column("address", String(64), nullable=False),
        Column("action", String(100), nullable=False),
        Column("what", String(200), nullable=False),
        Column("outcome", String(20), nullable=False),
        Column("status", Integer, nullable=False),
        Column("detail", String(200), nullable=False),
        Column("seal", String(80), nullable=False),
    )
    op.create_index("access_audit_at", "access_audit", ["at"])
    op.create_table(
        "access_audit_ends",
        Column("which", String(10), primary_key=True),
        Column("number", Integer, nullable=False),
        Column("seal", String(80), nullable=False),
        Column("own_seal", String(80), nullable=False),
    )


def _sessions(op: "Operations") -> None:
    op.create_table(
        "access_sessions",
        Column("id", String(16), primary_key=True),
        Column("who", String(200), nullable=False),
        Column("grants", JSON, nullable=False),
        Column("opened_by", String(200), nullable=False, index=True),
        Column("generation", Integer, nullable=False),
        Column("created_at", DateTime, nullable=False),
        Column("refreshed_at", DateTime, nullable=False),
        Column("expires_at", DateTime, nullable=False),
        Column("ended_at", DateTime),
    )


MIGRATIONS = (
    Migration("0001", None, _keys),
    Migration("0002", "0001", _audit),
    Migration("0003", "0002", _sessions),
)


def bring_up_to_date(engine: Engine) -> None:
    """Several gateways may start at once: one does it, the others wait. Raises StateAhead."""
    with alone_with(engine) as connection:
        VERSION.create(connection, checkfirst=True)
        _migrate(connection, connection.scalar(select(VERSION.c.version_num)))


def _migrate(connection: Connection, found: str | None) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    revisions = [None, *(each.revision for each in MIGRATIONS)]
    if found not in revisions:
        raise StateAhead(found=found, needed=MIGRATIONS[-1].revision)
    operations = Operations(MigrationContext.configure(connection))
    for migration in MIGRATIONS[revisions.index(found) :]:
        migration.upgrade(operations)
    connection.execute(delete(VERSION))
    connection.execute(insert(VERSION).values(version_num=MIGRATIONS[-1].revision))
