"""Which machine a deployment lives on, where several could have it."""

from typing import TYPE_CHECKING

from sqlalchemy import Column, String

from .migration import Migration

if TYPE_CHECKING:
    from alembic.operations import Operations


def upgrade(op: "Operations") -> None:
    op.add_column("deployments", Column("machine", String, nullable=False, server_default=""))


MIGRATION = Migration("0002", "0001", upgrade)
