"""What a push would change, line by line, folded; never a secret."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from .actions import Action, Verb
from .items import LOCK, LOCKS, Kind, comparable

CONTEXT_LINES = 3
SHOWN_LINES = 60
# Their values are secrets or may be, or are a bundle that nobody reads.
_NOT_SHOWN = (Kind.variable, Kind.credential, Kind.app)


def diff(action: Action) -> list[str]:
    """From what is there to what Git says. Raises InstanceError. Empty where nothing is shown."""
    if action.verb is not Verb.update or action.item.kind in _NOT_SHOWN or action.held is None:
        return []
    held, wanted = action.held(), action.item.body
    changed = [name for name in action.changed if name not in (LOCK, LOCKS)]
    names = dict.fromkeys(name.partition(".")[0] for name in changed)
    lines = [line for name in names for line in _field(name, held.get(name), wanted.get(name))]
    hidden = len(lines) - SHOWN_LINES
    return [*lines[:SHOWN_LINES], f"… {hidden} more lines"] if hidden > 0 else lines


def _field(name: str, held: Any, wanted: Any) -> Iterator[str]:
    before, after = (_text(value).splitlines() for value in (held, wanted))
    lines = difflib.unified_diff(
        before, after, f"{name} there", f"{name} in Git", "", "", CONTEXT_LINES, ""
    )
    yield from lines


def _text(value: Any) -> str:
    """Code as it is; what it stands in as YAML, whose lines can be compared."""
    if isinstance(value, str):
        return value
    return yaml.dump(_plain(comparable(value)), Dumper=_Readable, allow_unicode=True, width=10**6)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


class _Readable(yaml.SafeDumper):
    """Texts of several lines line by line."""


def _lines(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Readable.add_representer(str, _lines)
