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
        for index, branch in enumerate(inner.pop("branches", ())):
            head = {name: part for name, part in branch.items() if name != "modules"}
            yield from _expressions(head, f"{self.place}.value.branches[{index}]")
        yield from _expressions(inner, f"{self.place}.value")


def walk(value: Module, place: str = "value") -> Iterator[Step]:
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
