"""Terraform's plan in words: what it does to which resource, and why it would replace one."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .printable import printable

MOST_LINES, MOST_SETTINGS, MOST_LETTERS = 20, 6, 80
HIDDEN = "(sensitive)"
SIGNS = {"create": "+", "update": "~", "delete": "-", "replace": "-/+"}
Doc = Mapping[str, Any]


def plan_words(shown: Doc) -> tuple[str, ...]:
    """`shown`: what `terraform show -json` tells of a plan. Empty where it changes nothing."""
    changes = [each for each in shown.get("resource_changes", ()) if _kind(each["change"])]
    lines = [_line(each) for each in changes[:MOST_LINES]]
    more = len(changes) - len(lines)
    return (*lines, f"and {more} more") if more else tuple(lines)


def _kind(change: Doc) -> str:
    actions = set(change["actions"])
    if actions == {"create", "delete"}:
        return "replace"
    return next((kind for kind in ("create", "update", "delete") if kind in actions), "")


def _line(resource: Doc) -> str:
    change = resource["change"]
    kind = _kind(change)
    head = f"{SIGNS[kind]} {kind} {resource['address']}"
    if kind == "replace" and (paths := change.get("replace_paths")):
        head += f", because {', '.join(_path(path) for path in paths)} changes"
    told = [*_settings(change, kind)]
    more = len(told) - MOST_SETTINGS
    kept = [*told[:MOST_SETTINGS], *([f"and {more} more"] if more > 0 else [])]
    return printable(head + (f": {'; '.join(kept)}" if kept else ""))


def _path(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path))


def _settings(change: Doc, kind: str) -> Iterator[str]:
    """What it is made with, or what differs. What only applying tells is not told."""
    if kind == "delete":
        return
    before = dict(_leaves(change.get("before"), change.get("before_sensitive")))
    after = dict(_leaves(change.get("after"), change.get("after_sensitive")))
    if kind == "create":
        yield from (f"{path} = {_value(value)}" for path, value in after.items())
        return
    later = [path for path, unknown in _leaves(change.get("after_unknown"), None) if unknown]
    gone = [path for path in before if path not in after and not _is_below(path, later)]
    for path in [*after, *gone]:
        if before.get(path) != after.get(path):
            yield f"{path} {_value(before.get(path))} → {_value(after.get(path))}"


def _is_below(path: str, others: Iterable[str]) -> bool:
    return any(path == other or path.startswith(f"{other}.") for other in others)


def _leaves(value: Any, sensitive: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Values by their dotted path. What is sensitive, or lies in what is, is not looked at."""
    if sensitive is True:
        yield path, HIDDEN
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            below = sensitive.get(key) if isinstance(sensitive, Mapping) else None
            yield from _leaves(inner, below, f"{path}.{key}".strip("."))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            known = isinstance(sensitive, list) and index < len(sensitive)
            yield from _leaves(inner, sensitive[index] if known else None, f"{path}.{index}")
    elif value is not None and path:
        yield path, value


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    text = HIDDEN if value == HIDDEN else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"
