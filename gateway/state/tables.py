"""The gateway's own tables. They may stand in the registry's database or in one of their own."""

from sqlalchemy import JSON, Column, Index, Integer, MetaData, String, Table

from windmill.scripts.store.tables import UtcDateTime

TABLES = MetaData()
VERSION = Table("access_version", TABLES, Column("version_num", String(32), nullable=False))

KEYS = Table(
    "access_keys",
    TABLES,
    # In the key itself too, so that it is recognised wherever it turns up.
    Column("id", String(16), primary_key=True),
    Column("name", String(100), nullable=False),
    # Unique while the key lives, NULL once revoked: a name can be used again.
    Column("live_name", String(100), unique=True),
    Column("digest", String(64), nullable=False),
    Column("workspace", String(100), nullable=False),
    Column("role", String(20), nullable=False),
    Column("deployments", JSON(none_as_null=True)),
    Column("created_by", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)

AUDIT = Table(
    "access_audit",
    TABLES,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(200), nullable=False),
    Column("address", String(64), nullable=False),
    Column("action", String(100), nullable=False),
    Column("what", String(200), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("status", Integer, nullable=False),
    Column("detail", String(200), nullable=False),
    Column("seal", String(80), nullable=False),
    Index("access_audit_at", "at"),
)
# Whoever shortens the log writes a row here and takes it away in the same transaction.
AUDIT_CHANGING = Table("access_audit_changing", TABLES, Column("why", String(20), nullable=False))
# Up to where the log was shortened, and where it ends.
AUDIT_ENDS = Table(
    "access_audit_ends",
    TABLES,
    Column("which", String(10), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("seal", String(80), nullable=False),
    Column("own_seal", String(80), nullable=False),
)

RATINGS = Table(
    "ratings",
    TABLES,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("deployment_id", String(64), nullable=False, index=True),
    Column("score", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

SESSIONS = Table(
    "access_sessions",
    TABLES,
    Column("id", String(16), primary_key=True),
    Column("who", String(200), nullable=False),
    Column("grants", JSON, nullable=False),
    # The key or the sign-in that it ends with.
    Column("opened_by", String(200), nullable=False, index=True),
    Column("generation", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("refreshed_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)
