"""JSON Schemas that people write: nothing is fetched for one, and what it costs is known before.

Each input has a schema of its own, so `#/…` in it points into that input. Regular expressions
run in linear time, which look-around and back-references cannot.
"""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import unquote

from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationErrorKind

from ..base.short_form import Property, ShortForm, json_schema

MOST_DEPTH = 32
MOST_PARTS = 2_000  # objects and lists of all schemas together, with references written out
MOST_CHECKS = 200_000  # parts of one schema times values that it is asked about
MOST_MISFITS = 20
PARTS_OF_A_PATTERN = 20
CHARACTERS_OF_A_VALUE = 50
LONGEST_MESSAGE = 240
LINEAR = RegexOptions(size_limit=100_000)
NAMING = frozenset(
    ("$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor")
)

Path = tuple[str | int, ...]


class BadSchema(ValueError):
    """Says why a schema is not used."""


class _Compiled(NamedTuple):
    validator: Draft202012Validator
    parts: int


def unusable(short: ShortForm) -> Iterator[tuple[str, str]]:
    """Names of the properties whose schema is not used, each with the reason."""
    left = MOST_PARTS
    for name, declared in short.items():
        try:
            left -= _compile(_text(declared)).parts
        except BadSchema as error:
            yield name, str(error)
        if left < 0:
            yield name, f"with all before it, it has more than {MOST_PARTS} parts"
            return


def misfits(declared: Property, value: Any) -> Iterator[tuple[Path, str]]:
    """What of the value does not fit, and why. Raises BadSchema."""
    validator, parts = _compile(_text(declared))
    if parts * _size(value, MOST_CHECKS) > MOST_CHECKS:
        yield (), "is too much to be checked"
        return
    try:
        for error in islice(validator.iter_errors(value), MOST_MISFITS):
            yield tuple(error.instance_path), _short(error.message)
    except ValueError:
        yield (), "is not JSON"


def _text(declared: Property) -> str:
    try:
        return json.dumps(json_schema(declared), sort_keys=True)
    except (AttributeError, TypeError, ValueError, RecursionError):
        raise BadSchema("it is no object of JSON") from None


@lru_cache(maxsize=4096)
def _compile(text: str) -> _Compiled:
    schema = json.loads(text)
    parts = _Parts(schema).all()
    mask = "***" if schema.get("writeOnly") is True else None  # in messages, for a secret
    try:
        validator = Draft202012Validator(schema, pattern_options=LINEAR, offline=True, mask=mask)
    except ValueError as error:
        raise BadSchema(_why(error)) from None
    return _Compiled(validator, parts)


def _why(error: ValueError) -> str:
    told = _short(str(getattr(error, "message", error)))
    if isinstance(getattr(error, "kind", None), ValidationErrorKind.Format):
        return f"{told} that can be run: (?=…), (?<=…), \\1 and very long ones cannot"
    return told


class _Parts:
    """Counts what a schema consists of, before anything follows its references."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._known: dict[str, int] = {}
        self._above: set[str] = set()

    def all(self) -> int:
        return self._count(self._schema, 0)

    def _count(self, part: Any, depth: int) -> int:
        if not isinstance(part, dict | list):
            return 0
        if depth > MOST_DEPTH:
            raise BadSchema(f"it is nested more than {MOST_DEPTH} deep")
        count = 1 + sum(self._inside(part, depth + 1))
        if count > MOST_PARTS:
            raise BadSchema(f"it has more than {MOST_PARTS} parts, references written out")
        return count

    def _inside(self, part: dict[str, Any] | list[Any], depth: int) -> Iterator[int]:
        if isinstance(part, dict):
            yield self._patterns(part) + self._reference(part, depth)
        for inner in part.values() if isinstance(part, dict) else part:
            yield self._count(inner, depth)

    def _patterns(self, part: dict[str, Any]) -> int:
        names = part.get("patternProperties")
        several = len(names) if isinstance(names, dict) else 0
        return PARTS_OF_A_PATTERN * (several + isinstance(part.get("pattern"), str))

    def _reference(self, part: dict[str, Any], depth: int) -> int:
        named = [key for key in NAMING & part.keys() if isinstance(part[key], str)]
        if named:
            raise BadSchema(f"{named[0]} is not used here: write `$ref: '#/…'`")
        reference = part.get("$ref")
        return self._written_out(reference, depth) if isinstance(reference, str) else 0

    def _written_out(self, reference: str, depth: int) -> int:
        if reference in self._above:
            raise BadSchema(f"$ref {reference!r} leads back to itself")
        if reference not in self._known:
            self._above.add(reference)
            self._known[reference] = self._count(self._find(reference), depth)
            self._above.remove(reference)
        return self._known[reference]

    def _find(self, reference: str) -> Any:
        if reference != "#" and not reference.startswith("#/"):
            raise BadSchema(f"$ref {_short(reference)!r} is outside of it: nothing is fetched")
        part = self._schema
        for name in unquote(reference).split("/")[1:]:
            name = name.replace("~1", "/").replace("~0", "~")
            try:
                part = part[int(name)] if isinstance(part, list) else part[name]
            except (KeyError, IndexError, ValueError, TypeError):
                raise BadSchema(f"$ref {_short(reference)!r} points to nothing") from None
        return part


def _size(value: Any, enough: int) -> int:
    """How many values it consists of, long texts counting as several; stops when it is enough."""
    size, level = 0, [value]
    while level and size <= enough:
        size += sum(_weight(each) for each in level)
        level = [inner for each in level for inner in _values(each)]
    return size


def _weight(value: Any) -> int:
    return 1 + len(value) // CHARACTERS_OF_A_VALUE if isinstance(value, str) else 1


def _values(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else ()


def _short(message: str) -> str:
    """Without its middle: what is wrong stands at the end, after the value."""
    if len(message) <= LONGEST_MESSAGE:
        return message
    half = LONGEST_MESSAGE // 2
    return f"{message[:half]}…{message[-half:]}"
