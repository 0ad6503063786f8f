"""What we last wrote into an instance, and what it holds now."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .items import Prints


@dataclass(frozen=True)
class Entry:
    """One item as we last wrote it; `writing` is set while its write is under way."""

    prints: Prints = field(default_factory=dict)
    version: str = ""
    writing: Prints | None = None


Record = dict[str, Entry]


@dataclass(frozen=True)
class RemoteItem:
    """`version` changes with every edit, where Windmill gives one; `read` fetches the prints.

    `is_library`: a script that nobody can run. `body`: all of it, where it may be shown.
    `tells_edits`: not where the version is no more than who it is.
    """

    version: str
    read: Callable[[], Prints]
    is_library: bool = False
    body: Callable[[], Mapping[str, Any]] | None = None
    tells_edits: bool = True

    def is_as_written(self, entry: Entry) -> bool:
        """Whether the version alone says so."""
        return self.tells_edits and bool(self.version) and self.version == entry.version


@dataclass(frozen=True)
class Remote:
    items: Mapping[str, RemoteItem]
    record: Record


def plain_record(record: Record) -> dict[str, Any]:
    return {key: _plain(entry) for key, entry in sorted(record.items())}


def _plain(entry: Entry) -> dict[str, Any]:
    return {name: value for name, value in asdict(entry).items() if value}


def parse_record(value: Any) -> Record:
    rows = value if isinstance(value, dict) else {}
    return {
        key: Entry(row.get("prints", {}), row.get("version", ""), row.get("writing"))
        for key, row in rows.items()
        if isinstance(row, dict)
    }
