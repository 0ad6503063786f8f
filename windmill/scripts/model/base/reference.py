"""`${inputs.x}` and its like in entries and drawings: read once and never evaluated."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_TOKEN = re.compile(r"\$(\$\{)|\$\{([^}]*)\}")
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
References = Sequence[tuple[str, Reference | Malformed]]


@lru_cache(maxsize=65536)
def parts(text: str) -> tuple[Part, ...]:
    """The text cut at its references; `$${` stands for a literal `${`."""
    if "${" not in text:
        return (text,) if text else ()
    pieces: list[Part] = []
    literal, at = "", 0
    for match in _TOKEN.finditer(text):
        literal += text[at : match.start()]
        at = match.end()
        if match[1]:
            literal += match[1]
            continue
        if literal:
            pieces.append(literal)
        pieces.append(parse(match[2]))
        literal = ""
    literal += text[at:]
    return (*pieces, literal) if literal else tuple(pieces)


@lru_cache(maxsize=65536)
def parse(text: str) -> Reference | Malformed:
    match = _REFERENCE.fullmatch(text.strip())
    if match is None:
        return Malformed(text)
    segments = _SEGMENT.finditer(match[2])
    path = tuple(int(s[2]) if s[2] is not None else s[1] for s in segments)
    return Reference(match[1], path, text.strip())


def input_name(reference: Reference | Malformed) -> str | None:
    """Of a reference to a whole input; None of any other, the only kind a drawing may have."""
    name = reference.path[0] if reference.root == "inputs" and len(reference.path) == 1 else None
    return name if isinstance(name, str) else None


@lru_cache(maxsize=65536)
def input_reference(name: str) -> Reference:
    return Reference("inputs", (name,), f"inputs.{name}")


def whole(value: Any) -> Reference | None:
    """The reference that the value is, where it is nothing else: then it keeps its type."""
    return _whole(value) if type(value) is str and "${" in value else None


@lru_cache(maxsize=65536)
def _whole(text: str) -> Reference | None:
    pieces = parts(text)
    single = pieces[0] if len(pieces) == 1 else None
    return single if isinstance(single, Reference) else None


def references(value: Any, path: str = "") -> References:
    """Every (field, reference) in a tree of values, in order."""
    kind = type(value)
    if kind is str:
        return _in_text(value, path) if "${" in value else ()
    if kind is dict and value:
        return [
            located
            for key, item in value.items()
            for located in references(item, f"{path}.{key}" if path else str(key))
        ]
    if kind in (list, tuple) and value:
        return [
            located
            for index, item in enumerate(value)
            for located in references(item, f"{path}[{index}]")
        ]
    return ()


def _in_text(text: str, path: str) -> list[tuple[str, Reference | Malformed]]:
    return [(path, part) for part in parts(text) if not isinstance(part, str)]


def resolve(value: Any, inputs: Mapping[str, Any]) -> Any:
    """The tree with inputs in place of references; a text that is one reference keeps the type.

    An input that was not given resolves to None, as does a reference to anything else.
    """
    if isinstance(value, str):
        return _resolved_text(value, inputs) if "${" in value else value
    if isinstance(value, Mapping):
        return {key: resolve(item, inputs) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(item, inputs) for item in value]
    return value


def _resolved_text(text: str, inputs: Mapping[str, Any]) -> Any:
    values = [p if isinstance(p, str) else inputs.get(input_name(p) or "") for p in parts(text)]
    if len(values) == 1:
        return values[0]
    return "".join("" if value is None else str(value) for value in values)
