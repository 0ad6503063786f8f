"""What the registry keeps sealed: the fields that tell what somebody deploys.

Without keys they are kept plain, and what is plain is read either way. Empty ones stay empty.
"""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import inspect

from ..model.base.errors import RegistryKeyShort
from .cipher import Cipher
from .tables import Base, DeploymentRow, EventRow, OutboxRow, RevisionRow, RunRow
from .vault import looked_up

SEALED_COLUMNS: Mapping[type[Base], Sequence[str]] = {
    DeploymentRow: ("urls", "place", "error"),
    RevisionRow: ("pipeline", "root_config"),
    RunRow: ("pipeline",),
    EventRow: ("message", "data"),
    OutboxRow: ("text",),
}
KEY_NAMES = ("REGISTRY_SECRET_KEY", "REGISTRY_SECRET_KEY_OLD")
PREFIX = "sealed:"
SHORTEST = 32


class Cells:
    def __init__(self, keys: Sequence[str] = ()) -> None:
        """The newest first. Raises RegistryKeyShort."""
        if any(len(key) < SHORTEST for key in keys):
            raise RegistryKeyShort(shortest=SHORTEST)
        self._cipher = Cipher(keys)

    @property
    def newest(self) -> str:
        """What the newest key's cells begin with; empty where there is no key."""
        return f"{PREFIX}{self._cipher.newest}:" if self._cipher.newest else ""

    def get(self, row: Base, column: str) -> Any:
        """Raises RegistryKeyMissing, RegistryCellUnreadable."""
        kept = getattr(row, column)
        if not (isinstance(kept, str) and kept.startswith(PREFIX)):
            return kept
        return json.loads(self._cipher.open(kept.removeprefix(PREFIX), _place(row, column)))

    def set(self, row: Base, column: str, value: Any) -> None:
        """The row's key is known by now: a cell is bound to it."""
        setattr(row, column, self._kept(value, _place(row, column)))

    def all(self, row: Base) -> dict[str, Any]:
        """Every column, opened."""
        return {each.key: self.get(row, each.key) for each in inspect(type(row)).column_attrs}

    def _kept(self, value: Any, place: str) -> Any:
        if value and self.newest:
            return PREFIX + self._cipher.seal(json.dumps(value), place)
        # Plain, but it looks sealed: it would never be read again.
        looks_sealed = isinstance(value, str) and value.startswith(PREFIX)
        return f" {value}" if looks_sealed else value


def keys_of(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The newest first; each variable may have several, with commas between, or name them in Vault.

    Raises VaultError.
    """
    given = ",".join(environment.get(name, "") for name in KEY_NAMES)
    written = filter(None, map(str.strip, given.split(",")))
    return tuple(looked_up(each, environment) for each in written)


def _place(row: Base, column: str) -> str:
    key = inspect(type(row)).primary_key_from_instance(row)
    return "/".join([row.__tablename__, column, *map(str, key)])
