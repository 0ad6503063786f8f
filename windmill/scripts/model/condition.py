"""`when`: comparisons of references and plain values, parsed here and rebuilt as JavaScript."""

import ast
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from .reference import Malformed, Reference, parse

_HOLE = re.compile(r"\$\{([^{}]*)\}")
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


@lru_cache(maxsize=4096)
def condition(text: str) -> Condition:
    """`${inputs.env} == 'prod' and not ${steps.a.done}`; also <, <=, >, >=, !=, in, or, ().

    Raises BadCondition.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadCondition(f"it is longer than {MAX_CHARACTERS} characters")
    holes: list[Reference | Malformed] = []

    def hole(match: re.Match[str]) -> str:
        holes.append(parse(match[1]))
        return _NAME.format(len(holes) - 1)

    try:
        tree = ast.parse(_HOLE.sub(hole, text).strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadCondition("it cannot be read") from error
    found = Condition(tree, tuple(holes))
    found.javascript(lambda reference: "x")
    return found


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
            found = f"({self._operand(right)} ?? []).includes({self._operand(left)})"
            return found if isinstance(op, ast.In) else f"!{found}"
        if type(op) not in _COMPARISONS:
            raise BadCondition("compare with ==, !=, <, <=, >, >= or in")
        return f"{self._operand(left)} {_COMPARISONS[type(op)]} {self._operand(right)}"

    def _name(self, name: str) -> str:
        if name in _WORDS:
            return _WORDS[name]
        names = {_NAME.format(number): hole for number, hole in enumerate(self.holes)}
        if name not in names:
            raise BadCondition(f"{name!r} is neither a reference nor in quotes")
        found = names[name]
        return self.render(found) if isinstance(found, Reference) else "null"
