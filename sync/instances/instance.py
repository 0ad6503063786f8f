"""What a plan is made from and written to: one Protocol for Windmill and n8n."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..actions import Action
from ..items import Home, Item
from ..record import Record, Remote


class Instance(Protocol):
    """Every call raises InstanceError."""

    @property
    def home(self) -> Home: ...

    def read(self, items: Sequence[Item]) -> Remote:
        """What is there of ours, `items` among it, and what we last wrote."""

    def record(self) -> Record:
        """What was last written, as it stands there now."""

    def write(self, action: Action) -> str:
        """The version that the item then has."""

    def write_record(self, record: Record) -> None: ...

    def versions(self, written: Mapping[str, str]) -> Mapping[str, str]:
        """Those that are only known after all was written."""
