"""Where on a host of one's own a deployment is."""

from typing import TYPE_CHECKING

from sqlalchemy import JSON, Column

from .migration import Migration

if TYPE_CHECKING:
    from alembic.operations import Operations


def upgrade(op: "Operations") -> None:
    op.add_column("deployments", Column("place", JSON, nullable=True))


MIGRATION = Migration("0003", "0002", upgrade)
