"""Every machine that was ever asked for at a provider, before it was asked for."""

from typing import TYPE_CHECKING

from sqlalchemy import Column, DateTime, Double, ForeignKey, Integer, String

from .migration import Migration

if TYPE_CHECKING:
    from alembic.operations import Operations


def upgrade(op: "Operations") -> None:
    op.create_table(
        "attempts",
        Column("name", String, primary_key=True),
        Column("deployment_id", String, ForeignKey("deployments.id"), nullable=False, index=True),
        Column("number", Integer, nullable=False),
        Column("provider", String, nullable=False),
        Column("offer", String, nullable=False),
        Column("order_digest", String, nullable=False),
        Column("state", String, nullable=False, index=True),
        Column("machine_id", String, nullable=False),
        Column("hourly_usd", Double, nullable=False),
        Column("reason", String, nullable=False),
        Column("created_at", DateTime, nullable=False),
        Column("updated_at", DateTime, nullable=False),
    )


MIGRATION = Migration("0005", "0004", upgrade)
