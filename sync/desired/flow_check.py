"""What Windmill would accept in a flow and then trip over when it runs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from windmill.scripts.model.base.errors import Problem
from windmill.scripts.model.base.names import did_you_mean
from windmill.scripts.model.base.windmill_paths import FOLDER

from ..items import Kind
from .flow_steps import Step, inputs_used, results_used, steps_in
from .flows import Flow
from .imports import Script
from .scripts import Scripts
from .signature_schema import JsonSchema, read_signature

_LOOP_NAMES = {"iter", "iter_parent"}


class FlowChecker:
    """Knows every script and flow that is pushed together."""

    def __init__(self, flows: Iterable[Flow], scripts: Scripts) -> None:
        self.scripts = scripts
        self.flows: Mapping[str, Flow] = {flow.path: flow for flow in flows}
        self.signatures = {path: read_signature(s.tree) for path, s in scripts.sources.items()}

    def schemas(self, kind: Kind) -> Mapping[str, JsonSchema]:
        """Of the arguments of all flows, or of all scripts that can be run."""
        if kind is Kind.flow:
            return {path: flow.body.get("schema") or {} for path, flow in self.flows.items()}
        runnable = {path: each for path, each in self.signatures.items() if not each.is_library}
        return {path: each.schema for path, each in runnable.items()}

    def check_all(self) -> list[Problem]:
        return [problem for flow in self.flows.values() for problem in self.check(flow)]

    def check(self, flow: Flow) -> Iterator[Problem]:
        seen: set[str] = set()
        for step in steps_in(flow.body["value"]):
            yield from self._identity(flow, step, seen)
            yield from self._expressions(flow, step, seen)
            yield from self._target(flow, step)
            seen.add(step.id)

    def _identity(self, flow: Flow, step: Step, seen: set[str]) -> Iterator[Problem]:
        if not step.id:
            yield flow.source.problem("a step has no id", step.place, "", "E-FLOW-003")
        elif step.id in seen:
            message = f"two steps have the id {step.id!r}"
            fix = "Give each step of a flow its own id, also inside loops and branches."
            yield flow.source.problem(message, f"{step.place}.id", fix, "E-FLOW-004")

    def _expressions(self, flow: Flow, step: Step, seen: set[str]) -> Iterator[Problem]:
        declared = _properties(flow.body.get("schema")).keys()
        for place, expression in step.expressions():
            for name in sorted(results_used(expression) - seen - {step.id}):
                message = f"results.{name} is null here: no step {name!r} runs before {step.id!r}"
                yield flow.source.problem(message, place, did_you_mean(name, seen), "E-FLOW-005")
            for name in sorted(inputs_used(expression) - declared - _LOOP_NAMES):
                message = f"flow_input.{name} is not an argument of this flow"
                fix = did_you_mean(name, declared)
                yield flow.source.problem(message, place, fix, "E-FLOW-006")

    def _target(self, flow: Flow, step: Step) -> Iterator[Problem]:
        if step.is_python:
            yield from self._inline(flow, step)
        elif step.path.startswith(f"{FOLDER}/"):
            yield from self._pushed(flow, step)

    def _pushed(self, flow: Flow, step: Step) -> Iterator[Problem]:
        paths = self.flows if step.type == "flow" else self.scripts.sources
        if step.path not in paths:
            message = f"{step.type} {step.path} does not exist"
            fix = did_you_mean(step.path, paths)
            yield flow.source.problem(message, f"{step.place}.value.path", fix, "E-FLOW-007")
        elif step.type == "flow":
            yield from _arguments(flow, step, self.flows[step.path].body.get("schema"))
        elif self.signatures[step.path].is_library:
            message = f"{step.path} is a library: it has no main to run"
            yield flow.source.problem(message, f"{step.place}.value.path", "", "E-FLOW-008")
        else:
            yield from _arguments(flow, step, self.signatures[step.path].schema)

    def _inline(self, flow: Flow, step: Step) -> Iterator[Problem]:
        try:
            script = flow.script_of(step)
        except SyntaxError as error:
            message = f"is not Python: {error.msg}, line {error.lineno}"
            yield flow.source.problem(message, f"{step.place}.value.content", "", "E-SYNC-001")
            return
        yield from self._contract(script)
        yield from self._stands_alone(script)
        yield from _arguments(flow, step, read_signature(script.tree).schema)

    def _stands_alone(self, script: Script) -> Iterator[Problem]:
        """Inline code carries no modules, and libraries are nowhere but in scripts that do."""
        for path, line in self.scripts.read_imports(script, []).scripts.items():
            reached = sorted(self.scripts.reached_from(path))
            if library := next((p for p in reached if self.signatures[p].is_library), None):
                message = f"inline code reaches {library}, a library, which only scripts can carry"
                fix = "Make the step a script of windmill/scripts."
                yield Problem(message, "", fix, script.file, line, 1, "E-SYNC-013")

    def _contract(self, script: Script) -> list[Problem]:
        problems: list[Problem] = []
        imports = self.scripts.read_imports(script, problems)
        return [*problems, *self.scripts.check_hidden(script, imports)]


def _arguments(flow: Flow, step: Step, schema: Any) -> Iterator[Problem]:
    place = f"{step.place}.value.input_transforms"
    given = step.value.get("input_transforms") or {}
    takes = _properties(schema)
    what = step.path or f"step {step.id!r}"
    for name in sorted(given.keys() - takes.keys()):
        message = f"{what} takes no argument {name!r}"
        fix = did_you_mean(name, takes)
        yield flow.source.problem(message, f"{place}.{name}", fix, "E-FLOW-009")
    if step.module.get("pass_flow_input_directly"):
        return
    for name in (schema or {}).get("required") or ():
        if name not in given:
            message = f"{what} needs argument {name!r}, which this step does not give"
            yield flow.source.problem(message, place, "", "E-FLOW-010")


def _properties(schema: Any) -> JsonSchema:
    return (schema.get("properties") or {}) if isinstance(schema, dict) else {}
