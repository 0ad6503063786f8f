"""What each revision's machine costs and since when, as it was chosen."""

from typing import TYPE_CHECKING

from sqlalchemy import JSON, Column, DateTime, ForeignKey, Integer, String

from .migration import Migration

if TYPE_CHECKING:
    from alembic.operations import Operations


def upgrade(op: "Operations") -> None:
    op.create_table(
        "charges",
        Column("id", Integer, primary_key=True, autoincrement=True),
        Column("deployment_id", String, ForeignKey("deployments.id"), nullable=False, index=True),
        Column("revision", Integer, nullable=False),
        Column("price", JSON, nullable=False),
        Column("since", DateTime, nullable=False),
        Column("until", DateTime, nullable=True),
    )


MIGRATION = Migration("0006", "0005", upgrade)
