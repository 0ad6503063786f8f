"""What Windmill puts into the arguments of a script: variables, resources, names of the job.

An argument is looked through only if `$var:`, `$res:` or their like stand anywhere in it. Then
every text in it that begins so, and every one that is `$` and a name of the job's environment, is
replaced: in objects however deep, in lists no deeper than three levels and no longer than 1000.
Keys stay. As in `transform_json` of Windmill's worker, whose words the errors are.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import ApiError, CannotResolve, NotFound
from engine.store.items import Items

_MAX_DEPTH = 20
_LIST_DEPTH, _LIST_LENGTH = 2, 1000
_CALLS = re.compile(r"\$(?:var|jsonvar|res|encrypted):|\"\$interpolate\"")


class Values:
    def __init__(self, variables: Items, resources: Items) -> None:
        self._variables, self._resources = variables, resources

    def variable(self, workspace: str, path: str) -> Any:
        if item := self._variables.get(workspace, path):
            return item.doc["value"]
        raise NotFound(what=f"Variable {path} not found")

    def resource(self, workspace: str, path: str, interpolated: bool = True, depth: int = 0) -> Any:
        item = self._resources.get(workspace, path)
        if item is None:
            raise NotFound(what=f"Resource {path} not found")
        value = item.doc.get("value")
        return self.interpolate(workspace, value, depth) if interpolated else value

    def interpolate(self, workspace: str, value: Any, depth: int = 0) -> Any:
        """The value of a resource. Raises NotFound."""
        if depth > _MAX_DEPTH:
            raise NotFound(what="the end of a chain of $res: references (is it a cycle?)")
        if isinstance(value, dict):
            return {key: self.interpolate(workspace, item, depth) for key, item in value.items()}
        if isinstance(value, list):
            return [self.interpolate(workspace, item, depth) for item in value]
        if isinstance(value, str) and value.startswith("$var:"):
            return self.variable(workspace, value.removeprefix("$var:"))
        if isinstance(value, str) and value.startswith("$res:"):
            return self.resource(workspace, value.removeprefix("$res:"), depth=depth + 1)
        return value

    def arguments(self, workspace: str, args: Mapping[str, Any], own: Mapping[str, str]) -> Any:
        """As the script gets them; `own` are the variables of its job. Raises CannotResolve."""
        return {
            name: _Argument(name, self, workspace, own).resolved(value) if _calls(value) else value
            for name, value in args.items()
        }


def _calls(value: Any) -> bool:
    return isinstance(value, str | list | dict) and bool(_CALLS.search(json.dumps(value)))


@dataclass
class _Argument:
    name: str
    values: Values
    workspace: str
    own: Mapping[str, str]
    kinds: Mapping[str, Callable[[str], Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.kinds = {
            "$var:": self._variable,
            "$jsonvar:": self._json_variable,
            "$res:": self._resource,
            "$encrypted:": self._encrypted,
        }

    def resolved(self, value: Any, depth: int = 0) -> Any:
        if isinstance(value, str) and value.startswith("$"):
            return self._text(value)
        if isinstance(value, list) and depth <= _LIST_DEPTH and len(value) <= _LIST_LENGTH:
            return [self.resolved(item, depth + 1) for item in value]
        if isinstance(value, dict):
            if value.keys() == {"$interpolate"}:
                return self._interpolated(value)
            return {key: self._within(key, item, depth) for key, item in value.items()}
        return value

    def _within(self, key: str, value: Any, depth: int) -> Any:
        """Errors name the innermost key."""
        inner = _Argument(key, self.values, self.workspace, self.own)
        return inner.resolved(value, depth + 1)

    def _text(self, text: str) -> Any:
        for prefix, resolve in self.kinds.items():
            if text.startswith(prefix):
                return resolve(text.removeprefix(prefix))
        return self.own.get(text.removeprefix("$"), text)

    def _variable(self, path: str) -> Any:
        try:
            return self.values.variable(self.workspace, path)
        except ApiError as error:
            raise CannotResolve(f"Variable {path}", self.name, str(error)) from error

    def _json_variable(self, path: str) -> Any:
        return json.loads(self._variable(path))

    def _resource(self, path: str) -> Any:
        try:
            return self.values.resource(self.workspace, path)
        except ApiError as error:
            raise CannotResolve(f"Resource {path}", self.name, str(error)) from error

    def _encrypted(self, text: str) -> Any:
        reason = "the embedded engine has no encrypted arguments"
        raise CannotResolve("$encrypted: value", self.name, reason)

    def _interpolated(self, value: dict[str, Any]) -> Any:
        """A text of pieces, some of them variables; anything else is data."""
        pieces = value["$interpolate"]
        if not isinstance(pieces, list) or not all(map(_is_piece, pieces)):
            return {"$interpolate": self.resolved(pieces, 1)}
        return "".join(
            piece if isinstance(piece, str) else str(self._variable(piece["$var"]))
            for piece in pieces
        )


def _is_piece(piece: Any) -> bool:
    named = isinstance(piece, dict) and piece.keys() == {"$var"}
    return isinstance(piece, str) or (named and isinstance(piece["$var"], str))
