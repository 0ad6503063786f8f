"""YAML from people: bounded, without surprises, and with the place of every value."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import yaml

from .errors import InvalidInput, Problem

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 60
MAX_NODES = 100_000
MAX_ALIASES = 100


@dataclass(frozen=True)
class Source:
    """Parsed data and where each field stands; fields are written `nodes[2].config.path`."""

    data: Any
    file: str = ""
    places: dict[str, tuple[int, int]] = field(default_factory=dict)

    def locate(self, path: str) -> tuple[int, int]:
        """Line and column (from 1) of a field, or of the nearest parent that is there."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.places.get("", (0, 0))

    def problem(self, message: str, path: str, fix: str = "", code: str = "E-CAT-001") -> Problem:
        line, column = self.locate(path)
        return Problem(message, path, fix, self.file, line, column, code)


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[str, tuple[int, int]] = {}
        self.nodes = 0
        self.constructor = yaml.constructor.SafeConstructor()

    def fail(self, message: str, mark: Any, fix: str = "") -> InvalidInput:
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        problem = Problem(message, "", fix, self.file, line, column, "E-YAML")
        return InvalidInput([problem])

    def read(self, node: yaml.Node, path: str, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise self.fail("nested too deeply or too large", node.start_mark)
        if node.tag not in _TAGS:
            raise self.fail(f"tag {node.tag} is not allowed", node.start_mark, "Write plain YAML.")
        self.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, yaml.MappingNode):
            return self.read_mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.read(item, f"{path}[{index}]", depth + 1)
                for index, item in enumerate(node.value)
            ]
        return self.read_scalar(node)

    def read_mapping(self, node: yaml.MappingNode, path: str, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self.read_scalar(key_node)
            if not isinstance(key, str):
                fix = f'Put it in quotes: "{key_node.value}".'
                raise self.fail(
                    f"key {key_node.value!r} is not text in YAML", key_node.start_mark, fix
                )
            if key in result:
                raise self.fail(f"duplicate key {key!r}", key_node.start_mark, "Keep one of them.")
            child = f"{path}.{key}" if path else key
            result[key] = self.read(value_node, child, depth + 1)
        return result

    def read_scalar(self, node: yaml.Node) -> Hashable:
        if not isinstance(node, yaml.ScalarNode):
            raise self.fail("a list or mapping cannot be a key", node.start_mark)
        try:
            value: Hashable = self.constructor.construct_object(node)
        except (ValueError, yaml.YAMLError) as error:
            raise self.fail(f"value {node.value!r} cannot be read", node.start_mark) from error
        return value


_PLAIN = ("str", "int", "float", "bool", "null", "map", "seq")
_TAGS = {f"tag:yaml.org,2002:{name}" for name in _PLAIN}


def load_yaml(text: str, file: str = "") -> Source:
    """Parse one document. Raises InvalidInput on syntax, duplicate keys, tags and bombs."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput([Problem(f"larger than {MAX_CHARACTERS} characters", file=file)])
    reader = _Reader(file)
    try:
        _refuse_bombs(text, reader)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        raise reader.fail(f"not YAML: {error.problem}", error.problem_mark) from error
    except yaml.YAMLError as error:
        raise InvalidInput([Problem(f"not YAML: {error}", file=file, code="E-YAML")]) from error
    data = None if node is None else reader.read(node, "", 0)
    return Source(data, file, reader.places)


def _refuse_bombs(text: str, reader: _Reader) -> None:
    """Counts events before anything is composed: composing recurses, and aliases multiply."""
    depth = aliases = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        aliases += isinstance(event, yaml.AliasEvent)
        if depth > MAX_DEPTH or aliases > MAX_ALIASES:
            raise reader.fail("nested too deeply or too many aliases", event.start_mark)
