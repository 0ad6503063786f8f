"""What a pull finds: files with their new text, and what has no place in a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..actions import Action
from ..items import changed_fields, fingerprints
from ..record import Entry


@dataclass(frozen=True)
class Left:
    """Edited there, and it stays there."""

    key: str
    fields: tuple[str, ...]
    why: str

    def __str__(self) -> str:
        return f"{self.key} ({', '.join(self.fields)}): {self.why}"


@dataclass(frozen=True)
class Part:
    """Of one item; `files` by their path in the checkout."""

    files: Mapping[str, str] = field(default_factory=dict)
    left: tuple[Left, ...] = ()


@dataclass(frozen=True)
class Edit:
    """One item that was edited there: what it holds, and the fields that only they changed."""

    action: Action
    held: Mapping[str, Any]
    fields: tuple[str, ...]
    root: Path

    def left(self, fields: tuple[str, ...], why: str) -> Iterator[Left]:
        if fields:
            yield Left(self.action.item.key, fields, why)


def edits_of(action: Action, entry: Entry | None, root: Path) -> Edit | Left:
    """A Left where both changed the same, or nobody knows what was pushed."""
    key = action.item.key
    if action.held is None or entry is None:
        return Left(key, action.changed, "it was there before anything was pushed")
    held = action.held()
    now = fingerprints(action.item.kind, held)
    there = tuple(name for name in changed_fields(entry.prints, now) if name in entry.prints)
    here = changed_fields(entry.prints, action.item.prints)
    if both := tuple(name for name in there if name in here):
        return Left(key, both, "it was changed in Git as well")
    return Edit(action, held, there, root)
