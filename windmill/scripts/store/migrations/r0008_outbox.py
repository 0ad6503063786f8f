"""What people were to be told while nobody could be reached."""

from typing import TYPE_CHECKING

from sqlalchemy import JSON, Column, DateTime, ForeignKey, Integer, String

from .migration import Migration

if TYPE_CHECKING:
    from alembic.operations import Operations


def upgrade(op: "Operations") -> None:
    op.create_table(
        "outbox",
        Column("id", Integer, primary_key=True, autoincrement=True),
        Column("deployment_id", String, ForeignKey("deployments.id"), nullable=False, index=True),
        Column("subject", String, nullable=False),
        Column("text", JSON, nullable=False),
        Column("at", DateTime, nullable=False),
    )


MIGRATION = Migration("0008", "0007", upgrade)
