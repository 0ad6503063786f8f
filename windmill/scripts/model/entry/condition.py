"""`when`: comparisons of references and plain values, parsed here and rebuilt as JavaScript."""

import ast
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

from ..base.reference import Malformed, Part, Reference, parts

_NAME = "ref_{}"
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "===",
    ast.NotEq: "!==",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_WORDS = {"true": "true", "false": "false", "null": "null"}
MAX_CHARACTERS = 1000


class BadCondition(ValueError):
    """Not a condition; the message says why."""


@dataclass(frozen=True)
class Condition:
    tree: ast.expr
    holes: tuple[Reference | Malformed, ...]

    def javascript(self, render: Callable[[Reference], str]) -> str:
        return _Writer(self.holes, render).write(self.tree)

    def holds(self, values: Sequence[Any]) -> bool:
        """As the compiled flow would find, from the values of its holes. Raises BadCondition."""
        named = {_NAME.format(number): value for number, value in enumerate(values)}
        return _truthy(_Reader(named).read(self.tree))


@lru_cache(maxsize=4096)
def condition(text: str) -> Condition:
    """`${inputs.env} == 'prod' and not ${steps.a.done}`; also <, <=, >, >=, !=, in, or, ().

    Raises BadCondition.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadCondition(f"it is longer than {MAX_CHARACTERS} characters")
    pieces = parts(text)
    holes = tuple(piece for piece in pieces if not isinstance(piece, str))
    try:
        tree = ast.parse(_python(pieces), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadCondition("it cannot be read") from error
    read = Condition(tree, holes)
    read.javascript(lambda reference: "x")
    _refuse_quoted(read)
    return read


def _refuse_quoted(read: Condition) -> None:
    """In quotes, or after a `#`, a reference would be its own text and the condition never hold."""
    compared = {node.id for node in ast.walk(read.tree) if isinstance(node, ast.Name)}
    for number, hole in enumerate(read.holes):
        if _NAME.format(number) not in compared:
            raise BadCondition(f"${{{hole.text}}} is compared only where it stands outside quotes")


def _python(pieces: Sequence[Part]) -> str:
    """With a name in place of each hole."""
    numbers = count()
    names = (p if isinstance(p, str) else _NAME.format(next(numbers)) for p in pieces)
    return "".join(names).strip()


@dataclass(frozen=True)
class _Writer:
    holes: tuple[Reference | Malformed, ...]
    render: Callable[[Reference], str]

    def write(self, node: ast.expr) -> str:
        match node:
            case ast.BoolOp(op=op, values=values):
                return self._joined(" && " if isinstance(op, ast.And) else " || ", values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"!({self.write(operand)})"
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compare(left, op, right)
        return self._operand(node)

    def _operand(self, node: ast.expr) -> str:
        match node:
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return f"[{', '.join(self._operand(item) for item in items)}]"
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return json.dumps(-number)
            case ast.Constant(value=str() | int() | float() | bool() | None as value):
                return json.dumps(value)
            case ast.Name(id=name):
                return self._name(name)
        raise BadCondition("it may only compare references and plain values")

    def _joined(self, operator: str, values: list[ast.expr]) -> str:
        return operator.join(f"({self.write(value)})" for value in values)

    def _compare(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> str:
        if isinstance(op, ast.In | ast.NotIn):
            includes = f"({self._operand(right)} ?? []).includes({self._operand(left)})"
            return includes if isinstance(op, ast.In) else f"!{includes}"
        if type(op) not in _COMPARISONS:
            raise BadCondition("compare with ==, !=, <, <=, >, >= or in")
        return f"{self._operand(left)} {_COMPARISONS[type(op)]} {self._operand(right)}"

    def _name(self, name: str) -> str:
        if name in _WORDS:
            return _WORDS[name]
        names = {_NAME.format(number): hole for number, hole in enumerate(self.holes)}
        if name not in names:
            raise BadCondition(f"{name!r} is neither a reference nor in quotes")
        hole = names[name]
        if not isinstance(hole, Reference):
            return "null"
        # What a skipped step would have given is undefined, which is null to whoever asks.
        found = self.render(hole)
        return found if " ?? " in found else f"({found} ?? null)"


_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class _Reader:
    """The same in Python, with JavaScript's ideas of what is equal, smaller and true."""

    values: Mapping[str, Any]

    def read(self, node: ast.expr) -> Any:
        match node:
            case ast.BoolOp(op=op, values=values):
                every = all if isinstance(op, ast.And) else any
                return every(_truthy(self.read(value)) for value in values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not _truthy(self.read(operand))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return _compare(self._operand(left), op, self._operand(right))
        return self._operand(node)

    def _operand(self, node: ast.expr) -> Any:
        match node:
            case ast.UnaryOp(operand=ast.Constant(value=int() | float() as number)):
                return -number
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self._operand(item) for item in items]
            case ast.Name(id=name):
                return self.values.get(name, _CONSTANTS.get(name))
        return getattr(node, "value", None)


def _compare(left: Any, op: ast.cmpop, right: Any) -> bool:
    match op:
        case ast.Eq():
            return _same(left, right)
        case ast.NotEq():
            return not _same(left, right)
        case ast.In():
            return any(_same(left, item) for item in right or ())
        case ast.NotIn():
            return not any(_same(left, item) for item in right or ())
    if not (isinstance(left, str) and isinstance(right, str)):
        left, right = _number(left), _number(right)
    order = {ast.Lt: left < right, ast.LtE: left <= right, ast.Gt: left > right}
    return bool(order.get(type(op), left >= right))


def _same(left: Any, right: Any) -> bool:
    """`===`: a truth value is no number, and two lists are never the same one."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return not isinstance(left, list | dict) and bool(left == right)


def _truthy(value: Any) -> bool:
    return isinstance(value, list | dict) or (bool(value) and value == value)


def _number(value: Any) -> float:
    if isinstance(value, list | dict):
        raise BadCondition("a list is neither smaller nor larger than anything")
    if isinstance(value, str):
        text = value.strip()
        return float(text or 0) if not text or _DECIMAL.fullmatch(text) else float("nan")
    return float(value or 0)
