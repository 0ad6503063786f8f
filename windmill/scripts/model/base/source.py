"""YAML from people: bounded, without surprises, and with the place of every value."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import isfinite
from typing import Any

import yaml

from .errors import InvalidInput, Problem

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 60
MAX_NODES = 100_000
MAX_ALIASES = 100

Place = tuple[int, int]


@dataclass(frozen=True)
class Source:
    """Parsed data and where each field stands; fields are written `nodes[2].config.path`."""

    data: Any
    file: str = ""
    text: str = ""

    @cached_property
    def places(self) -> dict[str, Place]:
        """Line and column (from 1) of every field; read again only where somebody asks."""
        reader = _Reader(self.file, places={})
        reader.document(self.text)
        return reader.places or {}

    def locate(self, path: str) -> Place:
        """Of a field, or of the nearest parent that is there."""
        if not self.text:
            return (0, 0)
        while path:
            if path in self.places:
                return self.places[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.places.get("", (0, 0))

    def problem(self, message: str, path: str, fix: str = "", code: str = "E-CAT-001") -> Problem:
        line, column = self.locate(path)
        return Problem(message, path, fix, self.file, line, column, code)


def load_yaml(text: str, file: str = "") -> Source:
    """Parse one document. Raises InvalidInput on syntax, duplicate keys, tags and bombs."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput([Problem(f"larger than {MAX_CHARACTERS} characters", file=file)])
    return Source(_Reader(file).document(text), file, text)


class _Reader:
    """Builds the value from YAML's events in one pass; nothing is composed that is too large."""

    def __init__(self, file: str, places: dict[str, Place] | None = None) -> None:
        self.file = file
        self.places = places
        self.nodes = self.aliases = 0
        # What an anchor stands for, and how many values that is; None while it is being read.
        self.anchors: dict[str, tuple[Any, int] | None] = {}
        self.next: Callable[[], Any] = yaml.CSafeLoader("").get_event

    def document(self, text: str) -> Any:
        try:
            self.next = yaml.CSafeLoader(text).get_event
            return self._document()
        except yaml.MarkedYAMLError as error:
            raise self._failure(f"not YAML: {error.problem}", error.problem_mark) from error
        except yaml.YAMLError as error:
            problem = Problem(f"not YAML: {error}", file=self.file, code="E-YAML")
            raise InvalidInput([problem]) from error

    def _document(self) -> Any:
        self.next()
        if isinstance(self.next(), yaml.StreamEndEvent):
            return None
        value = self._value(self.next(), "", 1)
        self.next()
        more = self.next()
        if not isinstance(more, yaml.StreamEndEvent):
            raise self._failure("holds several documents", more.start_mark, "One file an entry.")
        return value

    def _value(self, event: Any, path: str, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise self._failure("nested too deeply", event.start_mark)
        if self.nodes > MAX_NODES:
            what = f"more than {MAX_NODES} values; aliases count as what they stand for"
            raise self._failure(what, event.start_mark)
        if self.places is not None:
            self.places[path] = (event.start_mark.line + 1, event.start_mark.column + 1)
        kind = type(event)
        if kind is yaml.AliasEvent:
            return self._alias(event)
        before = self.nodes
        if event.anchor:
            self.anchors[event.anchor] = None
        if kind is yaml.ScalarEvent:
            value = self._scalar(event)
        elif kind is yaml.MappingStartEvent:
            value = self._mapping(event, path, depth)
        else:
            value = self._sequence(event, path, depth)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.nodes - before + 1)
        return value

    def _alias(self, event: Any) -> Any:
        anchored = self.anchors.get(event.anchor)
        self.aliases += 1
        if anchored is None or self.aliases > MAX_ALIASES:
            what = (
                "too many aliases" if anchored else f"alias {event.anchor!r} stands for nothing yet"
            )
            raise self._failure(what, event.start_mark)
        # Counted as what they stand for: a few lines may not become a million values.
        self.nodes += anchored[1]
        return anchored[0]

    def _mapping(self, event: Any, path: str, depth: int) -> dict[str, Any]:
        self._check_tag(event, "tag:yaml.org,2002:map")
        result: dict[str, Any] = {}
        child = ""
        while type(key_event := self.next()) is not yaml.MappingEndEvent:
            key = self._key(key_event, result)
            if self.places is not None:
                child = f"{path}.{key}" if path else key
            result[key] = self._value(self.next(), child, depth + 1)
        return result

    def _key(self, event: Any, siblings: dict[str, Any]) -> str:
        if type(event) is not yaml.ScalarEvent:
            raise self._failure("a list or mapping cannot be a key", event.start_mark)
        plain = event.tag is None and event.implicit[0]
        key = None if plain and _plain_tag(event.value) != _STR else self._scalar(event)
        if not isinstance(key, str):
            fix = f'Put it in quotes: "{event.value}".'
            raise self._failure(f"key {event.value!r} is not text in YAML", event.start_mark, fix)
        if key in siblings:
            raise self._failure(f"duplicate key {key!r}", event.start_mark, "Keep one of them.")
        return key

    def _sequence(self, event: Any, path: str, depth: int) -> list[Any]:
        self._check_tag(event, "tag:yaml.org,2002:seq")
        result: list[Any] = []
        child = ""
        while type(item := self.next()) is not yaml.SequenceEndEvent:
            if self.places is not None:
                child = f"{path}[{len(result)}]"
            result.append(self._value(item, child, depth + 1))
        return result

    def _scalar(self, event: Any) -> Any:
        tag, value = event.tag, event.value
        if tag is None and not event.implicit[0]:
            return value
        if tag == _STR:
            return value
        read = _read(tag or _plain_tag(value), value)
        if isinstance(read, _Refused):
            raise self._failure(read.message, event.start_mark, read.fix)
        return read

    def _check_tag(self, event: Any, own: str) -> None:
        if event.tag not in (None, own):
            message = f"tag {event.tag} is not allowed"
            raise self._failure(message, event.start_mark, "Write plain YAML.")

    def _failure(self, message: str, mark: Any, fix: str = "") -> InvalidInput:
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        return InvalidInput([Problem(message, "", fix, self.file, line, column, "E-YAML")])


@dataclass(frozen=True)
class _Refused:
    message: str
    fix: str = ""


_STR, _DATE, _BOOL = (f"tag:yaml.org,2002:{name}" for name in ("str", "timestamp", "bool"))
_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null")}
_NUMBERS = {f"tag:yaml.org,2002:{name}" for name in ("int", "float")}
# Octal, binary, minutes as sixtieths, digits in groups: no two libraries agree on all of these.
_AMBIGUOUS = re.compile(r"[+-]?0[0-9_]+|[+-]?0b[01_]+|.*[:_].*")
# Of the core schema of YAML 1.2, which builders of web pages and most newer libraries read.
_OCTAL_OF_1_2 = re.compile(r"0o[0-7]+")
_NUMBER_OF_1_2 = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BOOLS_OF_1_2 = ("true", "false")
# JavaScript, which computes with what a compiled flow holds, keeps no larger one exactly.
_MOST = 2**53 - 1
_RESOLVERS = yaml.CSafeLoader.yaml_implicit_resolvers
_CONSTRUCTOR = yaml.constructor.SafeConstructor()


@lru_cache(maxsize=8192)
def _plain_tag(value: str) -> str:
    """What YAML 1.1 takes a word without quotes for."""
    candidates = [*_RESOLVERS.get(value[:1], ()), *_RESOLVERS.get(None, ())]
    return next((str(tag) for tag, pattern in candidates if pattern.match(value)), _STR)


@lru_cache(maxsize=8192)
def _read(tag: str, value: str) -> Any:
    """The value of a word without quotes, or why it is none that everybody reads alike."""
    if tag == _STR:
        return _as_1_2_reads(value)
    if tag not in _TAGS:
        return _not_allowed(tag, value)
    try:
        read = _CONSTRUCTOR.construct_object(yaml.ScalarNode(tag, value))
    except (ValueError, KeyError, yaml.YAMLError):
        return _Refused(f"value {value!r} cannot be read")
    if tag in _NUMBERS:
        return _number(value, read)
    return _truth(value, read) if tag == _BOOL else read


def _not_allowed(tag: str, value: str) -> _Refused:
    if tag == _DATE:
        return _Refused(f"{value} is a date, which JSON does not have", _quoted(value))
    return _Refused(f"tag {tag} is not allowed", "Write plain YAML.")


def _truth(value: str, read: bool) -> Any:
    meant = "true" if read else "false"
    known = value.lower() in _BOOLS_OF_1_2
    return read if known else _two_meanings(value, meant, "a text", meant)


def _number(value: str, read: Any) -> Any:
    if isinstance(read, float) and not isfinite(read):
        return _Refused(f"{value} is no number that JSON has")
    if _AMBIGUOUS.fullmatch(value):
        return _two_meanings(value, str(read), "something else", str(read))
    if isinstance(read, int) and abs(read) > _MOST:
        return _Refused(f"{value} is too large a number to be kept exactly", _quoted(value))
    return read


def _as_1_2_reads(value: str) -> Any:
    """The text itself, unless it is a number in YAML 1.2: `1e3`, `0o17`, `08`."""
    if _OCTAL_OF_1_2.fullmatch(value):
        number = float(int(value[2:], 8))
    elif _NUMBER_OF_1_2.fullmatch(value):
        number = float(value)
    else:
        return value
    if not isfinite(number):
        return _Refused(f"{value} is no number that JSON has", _quoted(value))
    return _two_meanings(value, "a text", f"{number:g}", f"{number:g}")


def _two_meanings(value: str, old: str, new: str, plain: str) -> _Refused:
    message = f"{value} means {old} in YAML 1.1, and {new} in YAML 1.2"
    return _Refused(message, f'Write {plain}, or "{value}" in quotes where it is a text.')


def _quoted(value: str) -> str:
    return f'Put it in quotes: "{value}".'
