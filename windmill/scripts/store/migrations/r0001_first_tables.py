"""The tables as they were before there were migrations: a registry of that time has them."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from .migration import Migration

if TYPE_CHECKING:
    from alembic.operations import Operations

TABLES = MetaData()


def _filled(name: str, kind: Any, *references: ForeignKey, **options: Any) -> Column[Any]:
    return Column(name, kind, *references, nullable=False, **options)


def _of_deployment(**options: bool) -> Column[str]:
    return _filled("deployment_id", String, ForeignKey("deployments.id"), **options)


Table(
    "deployments",
    TABLES,
    _filled("id", String, primary_key=True),
    _filled("name", String, index=True),
    Column("live_name", String, unique=True),
    Column("target", String),
    _filled("state", String),
    _filled("ports", JSON),
    _filled("urls", JSON),
    _filled("revision", Integer),
    _filled("live_revision", Integer),
    _filled("run_id", String),
    _filled("error", String),
    _filled("created_at", DateTime),
    _filled("updated_at", DateTime),
)
Table(
    "revisions",
    TABLES,
    _of_deployment(primary_key=True),
    _filled("number", Integer, primary_key=True, autoincrement=False),
    _filled("digest", String),
    _filled("pipeline", JSON),
    _filled("root_config", JSON),
    _filled("created_at", DateTime),
    UniqueConstraint("deployment_id", "digest"),
)
Table(
    "runs",
    TABLES,
    _filled("id", String, primary_key=True),
    _filled("root_job", String, index=True),
    _of_deployment(index=True),
    _filled("kind", String),
    _filled("pipeline", JSON),
    _filled("revision", Integer),
    _filled("changed", Boolean),
    _filled("started_at", DateTime),
    Column("finished_at", DateTime),
)
Table(
    "parts",
    TABLES,
    _of_deployment(primary_key=True),
    _filled("meta_pipeline", String, index=True),
    _filled("run_id", String),
)
Table(
    "events",
    TABLES,
    _filled("id", Integer, primary_key=True, autoincrement=True),
    _of_deployment(index=True),
    _filled("run_id", String, index=True),
    _filled("at", DateTime),
    _filled("step", String),
    _filled("level", String),
    _filled("message", String),
    _filled("data", JSON),
)


def upgrade(op: "Operations") -> None:
    TABLES.create_all(op.get_bind())


MIGRATION = Migration("0001", None, upgrade)
