"""Variables and resources as jobs see them: `$var:` and `$res:` references resolved."""

from typing import Any

from engine.errors import NotFound
from engine.store.items import Items

_MAX_DEPTH = 20


class Values:
    def __init__(self, variables: Items, resources: Items) -> None:
        self._variables, self._resources = variables, resources

    def variable(self, workspace: str, path: str) -> Any:
        if item := self._variables.get(workspace, path):
            return item.doc["value"]
        raise NotFound(what=f"variable {path}")

    def resource(self, workspace: str, path: str, interpolated: bool = True, depth: int = 0) -> Any:
        item = self._resources.get(workspace, path)
        if item is None:
            raise NotFound(what=f"resource {path}")
        value = item.doc.get("value")
        return self.interpolate(workspace, value, depth) if interpolated else value

    def interpolate(self, workspace: str, value: Any, depth: int = 0) -> Any:
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
