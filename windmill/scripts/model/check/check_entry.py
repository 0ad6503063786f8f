"""Checks one entry against the entries it uses. Nothing is run, fetched or started."""

import keyword
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..base.cycles import OF_STEPS
from ..base.errors import Problem
from ..base.names import did_you_mean
from ..base.reference import Malformed, Reference, references, whole
from ..base.source import Source
from ..base.target import RENTED
from ..base.topology import find_cycle
from ..drawing.component import Component
from ..drawing.validation import check_pipeline
from ..entry.entry import RUNS, Entry, Run, Step
from ..entry.type_inference import DEPLOYMENT, is_secret, misfit, value_misfit
from ..schemas.safe_schema import unusable
from ..schemas.values import JSON_TYPES
from .check_context import Context
from .check_step import StepCheck
from .joined_names import JoinedNames
from .kept_states import KeptStates
from .reserved_names import reserved_names

SHAPES = {"playbook": ("run",), "pipeline": ("graph", "steps"), "meta-pipeline": ("steps",)}
LEAF_FILES = {"terraform": "modules", "ansible": "playbooks", "n8n": "workflows"}


def check_shape(entry: Entry, source: Source) -> list[Problem]:
    """What can be told from the entry alone."""
    return [
        *_shape(entry, source),
        *_inputs(entry, source),
        *_step_ids(entry, source),
        *reserved_names(entry, source),
    ]


def check_entry(entry: Entry, source: Source, context: Context) -> list[Problem]:
    """Every problem; what it uses must be free of circles."""
    check = _EntryCheck(entry, source, context)
    if entry.graph is not None:
        return [*check.graph(), *check.outputs()]
    if entry.run is not None:
        return [*check.leaf(), *check.outputs()]
    return [*check.steps(), *check.targets(), *check.names(), *check.outputs()]


def uses_of(entry: Entry) -> set[str]:
    return {step.use for step in entry.steps or ()}


def _shape(entry: Entry, source: Source) -> Iterator[Problem]:
    given = [name for name in ("run", "steps", "graph") if getattr(entry, name) is not None]
    wanted = SHAPES[entry.kind]
    if len(given) != 1 or given[0] not in wanted:
        words = " or ".join(f"`{name}`" for name in wanted)
        has = " and ".join(f"`{name}`" for name in given) or "none of them"
        message = f"a {entry.kind} has {words}; {entry.name!r} has {has}"
        fix = "See docs/reference/catalog.md."
        yield source.problem(message, given[-1] if given else "", fix)
    if entry.run is not None and len(entry.run.names) != 1:
        names = ", ".join(RUNS)
        yield source.problem(f"`run` names exactly one of {names}", "run")
    if entry.with_ is not None and entry.run is None:
        yield source.problem("`with` belongs to a leaf, beside `run`", "with")
    yield from _target_alone(entry, source)


def _target_alone(entry: Entry, source: Source) -> Iterator[Problem]:
    if entry.target and entry.targets and entry.target not in entry.targets:
        message = f"target {entry.target} is not one of its targets"
        yield source.problem(message, "target", "Change one of the two.", "E-CAT-018")


def _inputs(entry: Entry, source: Source) -> Iterator[Problem]:
    bad = dict(unusable(entry.inputs))
    for name, schema in entry.inputs.items():
        if isinstance(schema.get("type"), str) and schema["type"] not in JSON_TYPES:
            fix = did_you_mean(schema["type"], JSON_TYPES)
            message = f"input {name!r} has the unknown type {schema['type']!r}"
            yield source.problem(message, f"inputs.{name}.type", fix, "E-CAT-005")
        elif name in bad:
            message = f"input {name!r} is not a JSON Schema: {bad[name]}"
            yield source.problem(message, f"inputs.{name}", "", "E-CAT-005")
        elif is_secret(schema) and entry.graph is not None:
            message = f"input {name!r} is a secret, and a drawn pipeline shows its settings"
            fix = "Name the Windmill variable in the component's settings instead."
            yield source.problem(message, f"inputs.{name}", fix, "E-CAT-025")
        elif "default" in schema and (reason := value_misfit(schema["default"], schema)):
            message = f"the default of input {name!r} does not fit: {reason}"
            yield source.problem(message, f"inputs.{name}.default", "", "E-CAT-014")


def _step_ids(entry: Entry, source: Source) -> Iterator[Problem]:
    counts = Counter(step.id for step in entry.steps or ())
    for index, step in enumerate(entry.steps or ()):
        if counts[step.id] > 1:
            message = f"step id {step.id!r} is used {counts[step.id]} times"
            yield source.problem(message, f"steps[{index}].id", "Rename one.", "E-CAT-002")
    cycle = find_cycle(entry.waits_for)
    if cycle:
        at = next(i for i, step in enumerate(entry.steps or ()) if step.id == cycle[0])
        yield OF_STEPS.problem(cycle, source, f"steps[{at}]")


@dataclass(frozen=True)
class _EntryCheck:
    entry: Entry
    source: Source
    context: Context

    def graph(self) -> Iterator[Problem]:
        components: Mapping[str, Component] = self.context.catalog.components
        entry = self.entry
        yield from check_pipeline(
            entry.pipeline, components, entry.inputs, source=self.source, at="graph"
        )
        known = [components.get(node.component) for node in entry.pipeline.nodes]
        if all(component and component.outputs for component in known):
            message = "nothing serves: a pipeline ends in an API endpoint, this one has none"
            fix = "Add an api-endpoint, and connect to it what is served."
            yield self.source.problem(message, "graph.nodes", fix, "E-CAT-008")

    def leaf(self) -> Iterator[Problem]:
        run = self.entry.run
        assert run is not None, "a leaf has `run`"
        for place, value in (("with", self.entry.with_), ("run", run.model_dump(mode="json"))):
            for where, reference in references(value):
                yield from self.leaf_reference(reference, f"{place}.{where}")
        yield from self.leaf_secrets(run)
        for name in self.entry.with_ or {}:
            if not name.isidentifier() or keyword.iskeyword(name):
                message = f"argument {name!r} is not a name that a script can have"
                yield self.source.problem(message, f"with.{name}")
        yield from self.leaf_file(run.kind, str(getattr(run, run.kind)))
        if run.terraform in RENTED:
            message = f"module {run.terraform!r} rents machines, which only deployments may"
            fix = "Draw a pipeline (`graph`) with that target: its machines are never forgotten."
            yield self.source.problem(message, "run.terraform", fix, "E-CAT-024")

    def leaf_secrets(self, run: Run) -> Iterator[Problem]:
        """Where a secret may not stand: inside a text, an address or a name."""
        rest = run.model_dump(mode="json")
        token = (rest.get("http") or {}).pop("token", None)
        mixed = {n: v for n, v in (self.entry.with_ or {}).items() if not whole(v)}
        if token is not None and not whole(token):
            mixed["token"] = token
        for place, value in (("with", mixed), ("run", rest)):
            for where, reference in references(value):
                yield from self.step_check().secret(reference, f"{place}.{where}")

    def leaf_file(self, kind: str, name: str) -> Iterator[Problem]:
        names = getattr(self.context.runnable, LEAF_FILES[kind]) if kind in LEAF_FILES else None
        if names is not None and name not in names:
            message = f"{kind} {name!r} does not exist"
            fix = did_you_mean(name, names)
            yield self.source.problem(message, f"run.{kind}", fix, "E-CAT-024")

    def leaf_reference(self, reference: Reference | Malformed, place: str) -> Iterator[Problem]:
        if isinstance(reference, Malformed) or reference.root != "inputs" or not reference.path:
            fix = "Use ${inputs.NAME}; write $${ for a literal ${."
            message = f"${{{reference.text}}} cannot be used here"
            yield self.source.problem(message, place, fix, "E-CAT-004")
        elif reference.head not in self.entry.inputs:
            fix = did_you_mean(reference.head, self.entry.inputs)
            message = f"input {reference.head!r} is not declared"
            yield self.source.problem(message, place, fix, "E-CAT-004")

    def outputs(self) -> Iterator[Problem]:
        for name, output in self.entry.outputs.items():
            for where, each in references(output.value):
                field = ".".join(part for part in (f"outputs.{name}", where) if part)
                yield from self.output_reference(name, each, field)
            if output.type and (reference := whole(output.value)):
                given = self.context.types.of(reference and output.value, self.entry)
                reason = misfit(given, {"type": output.type})
                if reason:
                    yield self.source.problem(
                        f"output {name!r}: {reason}", f"outputs.{name}", "", "E-CAT-014"
                    )

    def output_reference(
        self, name: str, reference: Reference | Malformed, field: str
    ) -> Iterator[Problem]:
        root = "result" if self.entry.run else "deployment" if self.entry.graph else "steps"
        if isinstance(reference, Malformed) or reference.root not in (root, self._inputs_too(root)):
            message = f"output {name!r}: ${{{reference.text}}} cannot be used here"
            fix = f"Use ${{{root}.…}}; write $${{ for a literal ${{."
            yield self.source.problem(message, field, fix, "E-CAT-016")
        elif root == "deployment" and reference.head not in DEPLOYMENT:
            message = f"output {name!r}: a deployment has no {reference.head!r}"
            fix = did_you_mean(reference.head, DEPLOYMENT)
            yield self.source.problem(message, field, fix, "E-CAT-016")
        elif root == "steps":
            check = self.step_check()
            yield from check.reference(reference, field, "E-CAT-016")
            yield from check.secret(reference, field)

    def _inputs_too(self, root: str) -> str:
        """What a leaf gives back is known where it is used: there its inputs are gone."""
        return "inputs" if root == "steps" else root

    def steps(self) -> Iterator[Problem]:
        for index, step in enumerate(self.entry.steps or ()):
            yield from self.step_check(step, index).all()

    def names(self) -> Iterator[Problem]:
        joined = JoinedNames(self.entry, self.context)
        for one, other, name in joined.alike():
            message = (
                f"steps {one.id!r} and {other.id!r} lead to two deployments of one name, {name}"
            )
            yield self.of_step(other, "id", message, "Rename one of the steps.")
        fix = "Tell them apart, with ${each.index} in a loop, or let one wait for the other."
        for one, other, name in joined.named_alike():
            message = f"{_both(one, other)} would deploy {name!r} at the same time"
            yield self.of_step(other, "with.name", message, fix)
        fix = "Let `run.state` of that playbook name one of its inputs, and give a different one."
        for one, other, name in KeptStates(self.entry, self.context).shared():
            works = f"{_both(one, other)} would replace each other's work"
            yield self.of_step(other, "use", f"{works}: both keep it as {name!r}", fix)

    def of_step(self, step: Step, field: str, message: str, fix: str) -> Problem:
        at = next(n for n, each in enumerate(self.entry.steps or ()) if each is step)
        return self.source.problem(message, f"steps[{at}].{field}", fix, "E-CAT-032")

    def step_check(self, step: Step | None = None, index: int = 0) -> StepCheck:
        return StepCheck(self.entry, self.source, self.context, step, index)

    def targets(self) -> Iterator[Problem]:
        """A level may choose for all below; two that insist on different ones cannot be served."""
        entry, rollups = self.entry, self.context.rollups
        allowed = rollups[entry.key].allowed if entry.key in rollups.entries else frozenset[Any]()
        if entry.target is None and allowed and len(allowed) == 1:
            message = f"no single target fits all steps of {entry.name!r}"
            fix = "Give the steps targets of their own: `with: {target: …}`."
            yield self.source.problem(message, "steps", fix, "E-CAT-018")


def _both(one: Step, other: Step) -> str:
    if one is other:
        return f"the items of step {one.id!r}"
    return f"steps {one.id!r} and {other.id!r}"
