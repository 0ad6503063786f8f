"""The gateway's own tables. They may stand in the registry's database or in one of their own."""

from sqlalchemy import JSON, Column, MetaData, String, Table

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
