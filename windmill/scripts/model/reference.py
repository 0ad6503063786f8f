"""`${inputs.x}` and its like: what may stand in a catalog entry, read once and never evaluated."""

import re
from collections.abc import Iterator, Mapping
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


Part = str | Reference | Malformed


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


def whole(value: Any) -> Reference | None:
    """The reference that the value is, where it is nothing else: then it keeps its type."""
    if not isinstance(value, str) or "${" not in value:
        return None
    found = parts(value)
    single = found[0] if len(found) == 1 else None
    return single if isinstance(single, Reference) else None


def references(value: Any, path: str = "") -> Iterator[tuple[str, Reference | Malformed]]:
    """Every (field, reference) in a tree of values, in order."""
    if isinstance(value, str):
        if "${" in value:
            for part in parts(value):
                if not isinstance(part, str):
                    yield path, part
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from references(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from references(item, f"{path}[{index}]")
