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


def _ratings(op: "Operations") -> None:
    op.create_table(
        "ratings",
        Column("number", Integer, primary_key=True, autoincrement=True),
        Column("deployment_id", String(64), nullable=False, index=True),
        Column("score", Integer, nullable=False),
        Column("at", DateTime, nullable=False, index=True),
    )


def _append_only(op: "Operations") -> None:
    """Changes are let through only in a transaction that says so in a table of its own.

    No border against the database's owner, who can drop it: seals show what such a one changes.
    """
    op.create_table("access_audit_changing", Column("why", String(20), nullable=False))
    postgres = op.get_bind().engine.name == "postgresql"
    for order in _ON_POSTGRES if postgres else _ON_SQLITE:
        op.execute(order)


_ON_SQLITE = tuple(
    f"""CREATE TRIGGER access_audit_no_{change} BEFORE {change} ON access_audit
    WHEN NOT EXISTS (SELECT 1 FROM access_audit_changing)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"""  # noqa: S608
    for change in ("update", "delete")
)
_ON_POSTGRES = (
    """CREATE FUNCTION access_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE may_change boolean;
    BEGIN
      EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.access_audit_changing)', TG_TABLE_SCHEMA)
        INTO may_change;
      IF NOT may_change THEN RAISE EXCEPTION 'the audit log is append-only'; END IF;
      IF TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
      RETURN OLD;
    END $$""",
    """CREATE TRIGGER access_audit_no_change BEFORE UPDATE OR DELETE ON access_audit
    FOR EACH ROW EXECUTE FUNCTION access_audit_append_only()""",
    """CREATE TRIGGER access_audit_no_truncate BEFORE TRUNCATE ON access_audit
    FOR EACH STATEMENT EXECUTE FUNCTION access_audit_append_only()""",
)

MIGRATIONS = (
    Migration("0001", None, _keys),
    Migration("0002", "0001", _audit),
    Migration("0003", "0002", _sessions),
    Migration("0004", "0003", _append_only),
    Migration("0005", "0004", _ratings),
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
