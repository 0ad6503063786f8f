"""One step from a revision of the registry's tables to the next."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.operations import Operations


@dataclass(frozen=True)
class Migration:
    """`upgrade` works inside the transaction that also writes the revision down."""

    revision: str
    down_revision: str | None
    upgrade: Callable[["Operations"], None]
