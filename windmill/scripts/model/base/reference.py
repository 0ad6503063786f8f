"""`${inputs.x}` and its like: what may stand in a catalog entry, read once and never evaluated."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_TOKEN = re.compile(r"\$(\$\{)|\$\{([^{}]*)\}")
_REFERENCE = re.compile(
    r"(inputs|steps|each|result|deployment)((?:\.[A-Za-z_][A-Za-z0-9_]*|\[\d{1,6}\])*)"
)
_SEGMENT = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Reference:
    """`${steps.llm.endpoint_url}` is ("steps", ("llm", "endpoint_url")); indexes are ints."""

    root: str
    path: tuple[str | int, ...]
    text: str

    @property
    def head(self) -> str:
        """The input or step it names; '' where there is none."""
        return str(self.path[0]) if self.path else ""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Stands between `${` and `}` and is no reference."""

    text: str
    root: str = ""
    path: tuple[str | int, ...] = ()


Part = str | Reference | Malformed
Found = Sequence[tuple[str, Reference | Malformed]]


@lru_cache(maxsize=65536)
def parts(text: str) -> tuple[Part, ...]:
    """The text cut at its references; `$${` stands for a literal `${`."""
    if "${" not in text:
        return (text,) if text else ()
    found: list[Part] = []
    literal, at = "", 0
    for match in _TOKEN.finditer(text):
        literal += text[at : match.start()]
        at = match.end()
        if match[1]:
            literal += match[1]
            continue
        if literal:
            found.append(literal)
        found.append(parse(match[2]))
        literal = ""
    literal += text[at:]
    return (*found, literal) if literal else tuple(found)


@lru_cache(maxsize=65536)
def parse(text: str) -> Reference | Malformed:
    match = _REFERENCE.fullmatch(text.strip())
    if match is None:
        return Malformed(text)
    segments = _SEGMENT.finditer(match[2])
    path = tuple(int(s[2]) if s[2] is not None else s[1] for s in segments)
    return Reference(match[1], path, text.strip())


@lru_cache(maxsize=65536)
def input_reference(name: str) -> Reference:
    return Reference("inputs", (name,), f"inputs.{name}")


def whole(value: Any) -> Reference | None:
    """The reference that the value is, where it is nothing else: then it keeps its type."""
    return _whole(value) if type(value) is str and "${" in value else None


@lru_cache(maxsize=65536)
def _whole(text: str) -> Reference | None:
    found = parts(text)
    single = found[0] if len(found) == 1 else None
    return single if isinstance(single, Reference) else None


def references(value: Any, path: str = "") -> Found:
    """Every (field, reference) in a tree of values, in order."""
    kind = type(value)
    if kind is str:
        return _in_text(value, path) if "${" in value else ()
    if kind is dict and value:
        return [
            found
            for key, item in value.items()
            for found in references(item, f"{path}.{key}" if path else str(key))
        ]
    if kind in (list, tuple) and value:
        return [
            found
            for index, item in enumerate(value)
            for found in references(item, f"{path}[{index}]")
        ]
    return ()


def _in_text(text: str, path: str) -> list[tuple[str, Reference | Malformed]]:
    return [(path, part) for part in parts(text) if not isinstance(part, str)]
