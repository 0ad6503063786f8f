"""An entry with all levels below it, as far as it is known before it runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..base.reference import Malformed, Reference, references
from ..base.target import OWN as FREE
from ..base.target import SETTINGS, Target
from ..entry.condition import BadCondition, Condition, condition
from ..entry.entry import Entry, Step
from ..entry.javascript import Expression, Js, Literal, Scope, follow, javascript, literal, render

ONE = Literal(1)
OPEN = Literal(None)
# Known only while it runs.
Maybe = Expression | None
Given = Mapping[str, Maybe]


@dataclass(frozen=True, eq=False)
class Level:
    """One entry at one place. What is the same at many places is one object.

    `target` is Literal(None) where it is open, None where only an earlier step tells it.
    `times`: how often it runs within the level above; None where only an earlier step tells it.
    `of`: the same without its place.
    """

    key: str
    entry: Entry
    target: Maybe
    below: tuple["Level", ...] = ()
    step: Step | None = None
    times: Maybe = ONE
    may_be_skipped: bool = False
    of: "Level | None" = None

    @property
    def id(self) -> str:
        return self.step.id if self.step else self.entry.name

    @property
    def rents(self) -> bool:
        return rents(self.entry)

    @property
    def targets(self) -> tuple[Target, ...]:
        """Those that it can run on; `auto` is a choice among them."""
        allowed = self.entry.targets or tuple(Target)
        return tuple(target for target in allowed if target != Target.auto)


class NotYet(Exception):
    """Known only while it runs."""


def rents(entry: Entry) -> bool:
    """A drawn pipeline is deployed on a machine; so is a leaf that says what it needs."""
    return entry.graph is not None or (entry.run is not None and entry.compute is not None)


def insists(entry: Entry) -> bool:
    """Its target is its own, whatever is chosen above; `auto` is a wish unless a machine has it."""
    return entry.target is not None and (entry.target != Target.auto or entry.graph is not None)


def takes_settings(entry: Entry) -> bool:
    """Whether it may be deployed somewhere that must be told more."""
    return any(target in SETTINGS for target in entry.targets or Target)


def may_cost(entry: Entry) -> bool:
    """Whether it may be deployed on a machine that is paid for."""
    return any(target not in FREE for target in entry.targets or Target)


def evaluate(value: Any, scope: Scope) -> Maybe:
    try:
        return render(value, scope)
    except NotYet:
        return None


class Expansion:
    """Expands entries, each combination of entry, target and inputs that matter once."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = entries
        self._matter: dict[str, frozenset[str]] = {}
        self._levels: dict[tuple[Any, ...], Level] = {}

    def of(self, key: str, given: Given, target: Maybe = OPEN) -> Level:
        """`given`: inputs as far as they are known; those left out have their defaults."""
        mattering = {name: given[name] for name in sorted(self.matter(key)) if name in given}
        combination = (key, _frozen(target), *((name, _frozen(v)) for name, v in mattering.items()))
        if combination not in self._levels:
            self._levels[combination] = self._expand(key, mattering, target)
        return self._levels[combination]

    def steps(
        self, entry: Entry, step: Step, given: Given, target: Maybe, results: Scope
    ) -> list[Level]:
        """Of one step, when `results` of those before it are known."""
        return list(self._step(step, Inside(entry, given, own_target(entry, target), results)))

    def matter(self, key: str) -> frozenset[str]:
        """Inputs that decide how often something below runs, and where."""
        if key not in self._matter:
            steps = self.entries[key].steps or ()
            self._matter[key] = frozenset(name for step in steps for name in self._used(step))
        return self._matter[key]

    def _used(self, step: Step) -> Iterator[str]:
        passed = [step.with_.get(name) for name in (*self.matter(step.use), "target")]
        for _, reference in references([step.for_each, step.when, passed]):
            if isinstance(reference, Reference) and reference.root == "inputs":
                yield reference.head

    def _expand(self, key: str, given: Given, target: Maybe) -> Level:
        entry = self.entries[key]
        inside = Inside(entry, given, own_target(entry, target))
        below = [level for step in entry.steps or () for level in self._step(step, inside)]
        return Level(key, entry, inside.target, tuple(below))

    def _step(self, step: Step, inside: "Inside") -> Iterator[Level]:
        """One level; several where the items of a list make a difference."""
        items = evaluate(step.for_each, inside)
        if step.for_each is None:
            yield self._place(step, inside)
        elif isinstance(items, Literal):
            yield from self._each(step, inside, items.value)
        else:
            length = Js(f"({items.text} ?? []).length") if items else None
            level = self._place(step, inside)
            yield replace(level, times=product(length, level.times))

    def _each(self, step: Step, inside: "Inside", items: Any) -> Iterator[Level]:
        alike: dict[tuple[Any, ...], list[Level]] = {}
        for index, value in enumerate(items if isinstance(items, list | tuple) else ()):
            level = self._place(step, replace(inside, each={"value": value, "index": index}))
            same = level.of, _frozen(level.times), level.may_be_skipped
            alike.setdefault(same, []).append(level)
        for levels in alike.values():
            yield replace(levels[0], times=product(Literal(len(levels)), levels[0].times))

    def _place(self, step: Step, inside: "Inside") -> Level:
        given = {
            name: evaluate(step.with_[name], inside)
            for name in self.matter(step.use)
            if name in step.with_
        }
        target = inside.target
        if "target" in step.with_:
            target = evaluate(step.with_["target"], inside)
        level = self.of(step.use, given, target)
        times, may_be_skipped = how_often(step, inside)
        return replace(level, step=step, times=times, may_be_skipped=may_be_skipped, of=level)


@dataclass(frozen=True)
class Inside:
    """What references mean inside an entry."""

    entry: Entry
    given: Given
    target: Maybe
    results: Scope | None = None
    each: Mapping[str, Any] | None = None

    def __call__(self, reference: Reference) -> Expression:
        if reference.root == "steps" and self.results:
            return self.results(reference)
        return follow(self._head(reference), reference.path[1:])

    def _head(self, reference: Reference) -> Expression:
        value: Maybe = None
        if reference.root == "inputs":
            value = self.target if reference.head == "target" else self._input(reference.head)
        elif reference.root == "each" and self.each is not None:
            value = Literal(self.each.get(reference.head))
        if value is None:
            raise NotYet
        return value

    def _input(self, name: str) -> Maybe:
        default = self.entry.inputs.get(name, {}).get("default")
        return or_default(self.given.get(name, OPEN), default)


def own_target(entry: Entry, target: Maybe) -> Maybe:
    if entry.target and insists(entry):
        return Literal(entry.target.value)
    declared = entry.inputs.get("target", {}).get("default")
    return or_default(target, declared or (entry.target.value if entry.target else None))


def or_default(value: Maybe, default: Any) -> Maybe:
    if default is None or value is None:
        return value
    if isinstance(value, Js):
        return Js(f"({value.text} ?? {literal(default)})")
    return Literal(default) if value.value is None else value


def product(left: Maybe, right: Maybe) -> Maybe:
    if Literal(0) in (left, right):
        return Literal(0)
    if left is None or right is None:
        return None
    if isinstance(left, Literal) and isinstance(right, Literal):
        return Literal(left.value * right.value)
    factors = [javascript(each) for each in (left, right) if each != ONE]
    return Js(" * ".join(factors))


def how_often(step: Step, inside: Inside) -> tuple[Maybe, bool]:
    """How often it runs, and whether it may also be left out; what may run counts as run."""
    if not isinstance(step.when, str):
        return Literal(0) if step.when is False else ONE, False
    test = condition(step.when)
    values = [_value_of_hole(hole, inside) for hole in test.holes]
    if None in values:
        return ONE, True
    if all(isinstance(value, Literal) for value in values):
        plain = [value.value for value in values if isinstance(value, Literal)]
        return _holds(test, plain)
    text = test.javascript(lambda reference: javascript(inside(reference)))
    return Js(f"(({text}) ? 1 : 0)"), True


def _holds(test: Condition, values: list[Any]) -> tuple[Maybe, bool]:
    try:
        return Literal(int(test.holds(values))), False
    except BadCondition:
        return ONE, True


def _value_of_hole(hole: Reference | Malformed, inside: Inside) -> Maybe:
    return evaluate(f"${{{hole.text}}}", inside)


def _frozen(value: Maybe) -> tuple[str, str]:
    if value is None:
        return "", ""
    return type(value).__name__, javascript(value)
