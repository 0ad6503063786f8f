"""Values of the catalog as Windmill's input transforms: data stays data, references become code."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..base.reference import Malformed, Reference, parts, whole
from ..base.windmill_references import check_references, marked

# Numbers and truth values are written as JavaScript does; lists and objects as JSON.
_AS_TEXT = '(v => v == null ? "" : typeof v === "object" ? JSON.stringify(v) : String(v))'


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Js:
    """`argument`: as the argument of a script, where it holds a secret that Windmill puts in."""

    text: str
    argument: str = ""


Expression = Literal | Js
Scope = Callable[[Reference], Expression]


def render(value: Any, scope: Scope) -> Expression:
    """The value with its references replaced by what `scope` says of them."""
    kind = type(value)
    if kind is str:
        if "${" not in value:
            return Literal(value)
        reference = whole(value)
        return scope(reference) if reference else _text(value, scope)
    if kind is dict:
        return collect({key: render(item, scope) for key, item in value.items()})
    if kind in (list, tuple):
        return listed([render(item, scope) for item in value])
    return Literal(value)


def transform(expression: Expression) -> dict[str, Any]:
    """For a flow or a loop, in whose arguments Windmill replaces nothing."""
    if isinstance(expression, Literal):
        return {"type": "static", "value": expression.value}
    return {"type": "javascript", "expr": expression.text}


def script_transform(expression: Expression) -> dict[str, Any]:
    """For a script: of secrets Windmill replaces the names, of data nothing."""
    if isinstance(expression, Literal):
        return transform(expression)
    return {"type": "javascript", "expr": expression.argument or marked(expression.text)}


def javascript(expression: Expression) -> str:
    return expression.text if isinstance(expression, Js) else literal(expression.value)


def literal(value: Any) -> str:
    return json.dumps(value)


def follow(expression: Expression, path: tuple[str | int, ...]) -> Expression:
    """A part of the value; null where it is not there."""
    if not path:
        return expression
    if isinstance(expression, Js):
        return Js(expression.text + "".join([_member(name) for name in path]))
    value = expression.value
    for name in path:
        try:
            value = value[name]
        except (KeyError, IndexError, TypeError):
            return Literal(None)
    return Literal(value)


def _member(name: str | int) -> str:
    return f"?.{name}" if isinstance(name, str) else f"?.[{name}]"


def _text(text: str, scope: Scope) -> Expression:
    pieces = [_part(part, scope) for part in parts(text)]
    if len(pieces) == 1:
        return pieces[0]
    if all(isinstance(part, Literal) for part in pieces):
        return Literal("".join(plain(part.value) for part in pieces if isinstance(part, Literal)))
    return Js(" + ".join(_as_text(part) for part in pieces))


def _part(part: str | Reference | Malformed, scope: Scope) -> Expression:
    if isinstance(part, Reference):
        return scope(part)
    return Literal(part if isinstance(part, str) else None)


def _as_text(part: Expression) -> str:
    if isinstance(part, Literal):
        return literal(plain(part.value))
    return f"{_AS_TEXT}({part.text})"


def plain(value: Any) -> str:
    """As text, exactly as the compiled flow would write it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def collect(items: Mapping[str, Expression]) -> Expression:
    """One object of them; what is not there is null, as everywhere else."""
    if all(isinstance(item, Literal) for item in items.values()):
        return Literal({k: item.value for k, item in items.items() if isinstance(item, Literal)})
    return _joined("({", [(f"{literal(key)}: ", item) for key, item in items.items()], "})")


def _or_null(item: Expression) -> str:
    return f"{item.text} ?? null" if isinstance(item, Js) else literal(item.value)


def listed(items: Sequence[Expression]) -> Expression:
    if all(isinstance(item, Literal) for item in items):
        return Literal([item.value for item in items if isinstance(item, Literal)])
    return _joined("[", [("", item) for item in items], "]")


def _joined(before: str, items: Sequence[tuple[str, Expression]], after: str) -> Js:
    text = ", ".join(key + _or_null(item) for key, item in items)
    if not any(holds_secret(item) for _, item in items):
        return Js(f"{before}{text}{after}")
    argument = ", ".join(key + _beside_secret(item) for key, item in items)
    return Js(f"{before}{text}{after}", f"{before}{argument}{after}")


def holds_secret(item: Expression) -> bool:
    """Of what an entry itself says, a text that Windmill replaces is the name of a secret."""
    if isinstance(item, Js):
        return bool(item.argument)
    return any(check_references(item.value))


def _beside_secret(item: Expression) -> str:
    if isinstance(item, Literal):
        return literal(item.value)
    return item.argument or marked(_or_null(item), beside_secret=True)
