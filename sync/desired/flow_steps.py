"""The steps of an OpenFlow value, in the order in which they may run."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Module = Mapping[str, Any]
_RESULT = re.compile(r"(?<![\w.$])results\s*(?:\?\.|\.)\s*(\w+)|(?<![\w.$])results\[['\"]([^'\"]+)")
_FLOW_INPUT = re.compile(r"(?<![\w.$])flow_input\s*(?:\?\.|\.)\s*(\w+)")


@dataclass(frozen=True)
class Step:
    """One module; `place` is its field in the document, as `Source.locate` wants it."""

    module: Module
    place: str

    @property
    def id(self) -> str:
        return str(self.module.get("id", ""))

    @property
    def value(self) -> dict[str, Any]:
        value = self.module.get("value")
        return value if isinstance(value, dict) else {}

    @property
    def type(self) -> str:
        return str(self.value.get("type", ""))

    @property
    def path(self) -> str:
        return str(self.value.get("path", "")) if self.type in ("script", "flow") else ""

    @property
    def is_python(self) -> bool:
        return self.type == "rawscript" and self.value.get("language") == "python3"

    def expressions(self) -> Iterator[tuple[str, str]]:
        """(field, JavaScript) of this step alone, not of the steps inside it."""
        own = {name: part for name, part in self.module.items() if name != "value"}
        yield from _expressions(own, self.place)
        inner = {k: v for k, v in self.value.items() if k not in ("modules", "default")}
        for index, branch in enumerate(inner.pop("branches", None) or ()):
            head = {name: part for name, part in branch.items() if name != "modules"}
            yield from _expressions(head, f"{self.place}.value.branches[{index}]")
        yield from _expressions(inner, f"{self.place}.value")


def misshapen(document: Any) -> Iterator[tuple[str, str]]:
    """(field, what it should be) of everything that `steps_in` could not go through."""
    if not isinstance(document, dict) or not isinstance(document.get("value"), dict):
        yield "value", "an OpenFlow document"
        return
    value = document["value"]
    if not isinstance(value.get("modules"), list):
        yield "value.modules", "a list of steps"
    if not _is_schema(document.get("schema") or {}):
        yield "schema", "a JSON Schema of arguments"
    yield from _misshapen_list(value.get("modules"), "value.modules")
    for name in ("failure_module", "preprocessor_module"):
        if value.get(name) is not None:
            yield from _misshapen_module(value[name], f"value.{name}")


def _is_schema(schema: Any) -> bool:
    return (
        isinstance(schema, dict)
        and isinstance(schema.get("properties") or {}, dict)
        and isinstance(schema.get("required") or [], list)
    )


def _misshapen_list(modules: Any, place: str) -> Iterator[tuple[str, str]]:
    if not isinstance(modules or [], list):
        yield place, "a list of steps"
        return
    for index, module in enumerate(modules or ()):
        yield from _misshapen_module(module, f"{place}[{index}]")


def _misshapen_module(module: Any, place: str) -> Iterator[tuple[str, str]]:
    value = module.get("value") if isinstance(module, dict) else None
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        yield place, "a step with `id` and `value: {type: ...}`"
        return
    if not isinstance(value.get("input_transforms") or {}, dict):
        yield f"{place}.value.input_transforms", "a mapping of arguments"
    if not isinstance(value.get("content", ""), str):
        yield f"{place}.value.content", "text"
    branches = value.get("branches") or []
    if not isinstance(branches, list) or not all(isinstance(each, dict) for each in branches):
        yield f"{place}.value.branches", "a list of branches"
        branches = []
    for number, branch in enumerate(branches):
        yield from _misshapen_list(branch.get("modules"), f"{place}.value.branches[{number}]")
    for name in ("modules", "default"):
        yield from _misshapen_list(value.get(name), f"{place}.value.{name}")


def steps_in(value: Module, place: str = "value") -> Iterator[Step]:
    yield from _maybe(value, "preprocessor_module", place)
    yield from _modules(value.get("modules"), f"{place}.modules")
    yield from _maybe(value, "failure_module", place)


def _maybe(value: Module, name: str, place: str) -> Iterator[Step]:
    if isinstance(value.get(name), dict):
        yield Step(value[name], f"{place}.{name}")


def _modules(modules: Any, place: str) -> Iterator[Step]:
    for index, module in enumerate(modules or ()):
        step = Step(module, f"{place}[{index}]")
        yield step
        inner = f"{step.place}.value"
        for number, branch in enumerate(step.value.get("branches") or ()):
            yield from _modules(branch.get("modules"), f"{inner}.branches[{number}].modules")
        yield from _modules(step.value.get("modules"), f"{inner}.modules")
        yield from _modules(step.value.get("default"), f"{inner}.default")


def _expressions(part: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        if isinstance(part.get("expr"), str):
            yield f"{place}.expr", part["expr"]
        for name, item in part.items():
            if name != "value" or part.get("type") != "static":
                yield from _expressions(item, f"{place}.{name}")
    elif isinstance(part, list):
        for index, item in enumerate(part):
            yield from _expressions(item, f"{place}[{index}]")


def results_used(expression: str) -> set[str]:
    return {plain or quoted for plain, quoted in _RESULT.findall(expression)}


def inputs_used(expression: str) -> set[str]:
    return set(_FLOW_INPUT.findall(expression))
