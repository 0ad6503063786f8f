"""Checks one step: what it uses, what it gives it, and what it waits for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..base.errors import Problem
from ..base.names import did_you_mean
from ..base.reference import Malformed, Reference, References, references, whole
from ..base.short_form import may_be_missing, must_be_given
from ..base.source import Source
from ..base.target import Target
from ..base.windmill_references import PREFIXES
from ..catalog.catalog import Unresolved
from ..entry.condition import BadCondition, condition
from ..entry.entry import Entry, Step
from ..entry.rollup import Rollup
from ..entry.type_inference import Schema, is_secret, misfit, value_misfit
from .check_context import Context

MAY_USE = {
    "pipeline": ("playbooks",),
    "meta-pipeline": ("playbooks", "pipelines", "meta-pipelines"),
}
NO_HISTORY = Unresolved(
    "pinned entries come from the Git history, which was not read here",
    "Work in the catalog's Git checkout.",
)


@dataclass(frozen=True)
class Wrong:
    message: str
    fix: str = ""
    code: str = ""


@dataclass(frozen=True)
class StepCheck:
    entry: Entry
    source: Source
    context: Context
    step: Step | None
    index: int

    def problem(self, code: str, message: str, field: str, fix: str = "") -> Problem:
        return self.source.problem(message, self._place(field), fix, code)

    def _place(self, field: str) -> str:
        return f"steps[{self.index}].{field}"

    def all(self) -> Iterator[Problem]:
        step = self.step
        assert step is not None, "only references are checked without a step"
        if step.needs:
            yield from self.needs(step)
        if step.for_each is not None or step.max_parallel is not None:
            yield from self.loop(step)
        if isinstance(step.when, str):
            yield from self.condition(step, step.when)
        for field, value in step.with_.items():
            yield from self.value(value, step.with_references[field], f"with.{field}")
        used = self.context.catalog.entries.get(step.use)
        if used is None:
            yield self.missing(step)
            return
        folder = step.use.split("/")[0]
        if folder not in MAY_USE.get(self.entry.kind, ()):
            message = f"a {self.entry.kind} does not use {folder}"
            yield self.problem("E-CAT-023", message, "use", "Make it a meta-pipeline.")
        if step.use in self.context.types.entries:
            yield from self.arguments(step)
        yield from self.target(step, self.context.rollups[step.use])

    def missing(self, step: Step) -> Problem:
        if "@" in step.use:
            why = self.context.catalog.unresolved.get(step.use, NO_HISTORY)
            return self.problem("E-CAT-030", why.message, "use", why.fix)
        fix = did_you_mean(
            step.use, (key for key in self.context.catalog.entries if "@" not in key)
        )
        message = f"step {step.id!r} uses {step.use}, which does not exist"
        return self.problem("E-CAT-010", message, "use", fix)

    def needs(self, step: Step) -> Iterator[Problem]:
        for number, need in enumerate(step.needs):
            if need not in self.entry.steps_by_id:
                fix = did_you_mean(need, self.entry.steps_by_id)
                message = f"step {step.id!r} needs {need!r}, which does not exist"
                yield self.problem("E-CAT-004", message, f"needs[{number}]", fix)

    def loop(self, step: Step) -> Iterator[Problem]:
        if step.for_each is None:
            if step.max_parallel is not None:
                yield self.problem("E-CAT-001", "max_parallel needs for_each", "max_parallel")
            return
        located = references(step.for_each)
        yield from self.value(step.for_each, located, "for_each", may_use_each=False)
        if isinstance(step.for_each, str):
            given = self.context.types.of(step.for_each, self.entry)
            reason = misfit(given, {"type": "array"})
            if not whole(step.for_each) or reason:
                message = f"for_each of step {step.id!r} is not a list"
                fix = "Write a list, or one reference to a list: ${inputs.NAME}."
                yield self.problem("E-CAT-014", message, "for_each", fix)

    def condition(self, step: Step, when: str) -> Iterator[Problem]:
        try:
            holes = condition(when).holes
        except BadCondition as error:
            message = f"`when` of step {step.id!r}: {error}"
            fix = "For example: ${inputs.env} == 'prod' and ${inputs.replicas} > 1"
            yield self.problem("E-CAT-021", message, "when", fix)
            return
        for hole in holes:
            yield from self.reference(hole, self._place("when"))
            yield from self.secret(hole, self._place("when"))

    def value(
        self, value: Any, located: References, field: str, may_use_each: bool = True
    ) -> Iterator[Problem]:
        alone = may_use_each and whole(value) is not None
        for where, each in located:
            wrong = self._wrong(each, may_use_each)
            if wrong or not alone:
                place = ".".join(part for part in (self._place(field), where) if part)
                yield from self._told(wrong, place) if wrong else self.secret(each, place)
        if not alone and any(text.startswith(PREFIXES) for text in _texts(value)):
            message = "a text that begins with $var:, $res: or $encrypted: is replaced by Windmill"
            fix = "Use a playbook with `run: {secret: PATH}` and refer to its `value`."
            yield self.problem("E-CAT-025", message, field, fix)

    def secret(self, reference: Reference | Malformed, place: str) -> Iterator[Problem]:
        """Windmill puts a secret in where it stands alone; anywhere else it would be a name."""
        if isinstance(reference, Reference) and is_secret(
            self.context.types.of_reference(reference, self.entry)
        ):
            message = f"${{{reference.text}}} is a secret, which can only be handed on whole"
            fix = "Give it to an input that is declared `writeOnly: true`."
            yield self.source.problem(message, place, fix, "E-CAT-025")

    def reference(
        self, reference: Reference | Malformed, place: str, code: str = "E-CAT-004"
    ) -> Iterator[Problem]:
        wrong = self._wrong(reference, may_use_each=True)
        if wrong:
            yield from self._told(wrong, place, code)

    def _told(self, wrong: Wrong, place: str, code: str = "E-CAT-004") -> Iterator[Problem]:
        yield self.source.problem(wrong.message, place, wrong.fix, wrong.code or code)

    def _wrong(self, reference: Reference | Malformed, may_use_each: bool) -> Wrong | None:
        if isinstance(reference, Malformed) or not reference.path:
            fix = (
                "Use ${inputs.NAME}, ${steps.ID.OUTPUT} or, beside for_each, ${each.value}; "
                "write $${ for a literal ${."
            )
            return Wrong(f"${{{reference.text}}} is no reference", fix)
        match reference.root:
            case "inputs":
                return self._wrong_input(reference)
            case "steps":
                return self._wrong_step(reference)
            case "each":
                return self._wrong_each(reference, may_use_each)
        fix = "Use the output of a step: ${steps.ID.OUTPUT}."
        return Wrong(f"${{{reference.text}}} cannot be used here", fix)

    def _wrong_input(self, reference: Reference) -> Wrong | None:
        name = reference.path[0]
        if name in self.entry.inputs:
            return None
        return Wrong(f"input {name!r} is not declared", did_you_mean(str(name), self.entry.inputs))

    def _wrong_each(self, reference: Reference, may_use_each: bool) -> Wrong | None:
        loops = self.step is not None and self.step.for_each is not None and may_use_each
        if loops and reference.path[0] in ("value", "index"):
            return None
        fix = "It is ${each.value} or ${each.index}, in a step with `for_each`."
        return Wrong(f"${{{reference.text}}} cannot be used here", fix)

    def _wrong_step(self, reference: Reference) -> Wrong | None:
        step = self.entry.steps_by_id.get(reference.head)
        if step is None:
            fix = did_you_mean(reference.head, self.entry.steps_by_id)
            return Wrong(f"there is no step {reference.head!r}", fix)
        if step is self.step:
            return Wrong(f"${{{reference.text}}} is this very step")
        used = self.context.catalog.entries.get(step.use)
        if used is None or len(reference.path) == 1 or reference.path[1] in used.outputs:
            return None
        if used.run and used.run.secret and reference.path[1] == "value":
            return None
        return self._no_output(reference, step, used)

    def _no_output(self, reference: Reference, step: Step, used: Entry) -> Wrong:
        name = str(reference.path[1])
        names = [*used.outputs, *(["value"] if used.run and used.run.secret else [])]
        message = f"${{{reference.text}}}: {step.use} has no output {name!r}"
        return Wrong(message, did_you_mean(name, names), "E-CAT-016")

    def arguments(self, step: Step) -> Iterator[Problem]:
        wanted = self.context.wanted(step.use)
        for name, value in step.with_.items():
            if name not in wanted.may:
                message = f"{step.use} has no input {name!r}"
                fix = did_you_mean(name, wanted.may)
                yield self.problem("E-CAT-015", message, f"with.{name}", fix)
            else:
                yield from self.fits(step, name, value, wanted.may[name])
        if not wanted.must <= step.with_.keys():
            for name in sorted(wanted.must - step.with_.keys()):
                message = f"step {step.id!r} does not give {name!r}, which {step.use} requires"
                fix = f"Add `with: {{{name}: …}}`."
                yield self.problem("E-CAT-013", message, "with", fix)

    def fits(self, step: Step, name: str, value: Any, wanted: Schema) -> Iterator[Problem]:
        if step.with_references[name]:
            given = self.context.types.of(value, self.entry, step)
            reason = misfit(given, wanted)
            if is_secret(given) and not is_secret(wanted):
                yield from self.secret(whole(value) or Malformed(""), self._place(f"with.{name}"))
                return
        else:
            reason = value_misfit(value, wanted)
        if reason:
            message = f"{name!r} of {step.use}: {reason}"
            code = "E-CAT-018" if name == "target" else "E-CAT-014"
            yield self.problem(code, message, f"with.{name}", _expected(wanted))
        if must_be_given(wanted):
            yield from self.there(step, name, value, wanted)

    def there(self, step: Step, name: str, value: Any, wanted: Schema) -> Iterator[Problem]:
        """What a required input is given may not be missing when it comes to it."""
        for _, reference in step.with_references[name]:
            if isinstance(reference, Malformed) or _does_without(value, reference, wanted):
                continue
            if self._may_be_missing(reference):
                message = f"{name!r} of {step.use} is required, but {value} may be left out"
                fix = "Give that input a default, or make it required."
                yield self.problem("E-CAT-013", message, f"with.{name}", fix)
            if doubt := self.context.presence.doubt(reference, self.entry, step):
                message = f"{name!r} of {step.use} is required, but {doubt}"
                fix = f"Give this step `when: ${{{reference.text}}} != null`."
                yield self.problem("E-CAT-013", message, f"with.{name}", fix)

    def _may_be_missing(self, reference: Reference) -> bool:
        declared = self.entry.inputs.get(reference.head) if reference.root == "inputs" else None
        return declared is not None and may_be_missing(declared)

    def target(self, step: Step, below: Rollup) -> Iterator[Problem]:
        given = step.target
        chosen, field = (given, "with.target") if given else (self.entry.target, "use")
        if not below.deploys or chosen is None or chosen == Target.auto:
            return
        where = f"{step.use} below step {step.id!r}"
        if below.fixed - {chosen}:
            other = ", ".join(sorted(below.fixed - {chosen}))
            message = f"target {chosen} is asked for here, but {where} insists on {other}"
            yield self.problem("E-CAT-018", message, field, "Leave one of the two open.")
        elif chosen not in below.allowed:
            names = ", ".join(sorted(below.allowed - {Target.auto}))
            message = f"{where} cannot run on {chosen}"
            yield self.problem("E-CAT-018", message, field, f"It runs on: {names}.")
        if given and self.entry.target and given != self.entry.target:
            message = f"step {step.id!r} asks for {given}, its entry for {self.entry.target}"
            yield self.problem("E-CAT-018", message, field, "Leave one of the two open.")


def _does_without(value: Any, reference: Reference, wanted: Schema) -> bool:
    """Whether the rest of a text is still right where the reference is empty, as null is then."""
    if whole(value) is not None:
        return False
    text = "${" + reference.text + "}"
    return not isinstance(value, str) or not value_misfit(value.replace(text, ""), wanted)


def _expected(schema: Schema) -> str:
    limits = {key: schema[key] for key in ("type", "enum", "minimum", "maximum") if key in schema}
    return f"Expected {', '.join(f'{k} {v}' for k, v in limits.items())}." if limits else ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
