"""What one run of an entry does, use by use: as its flow would call each, before it runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ..base.names import dashed
from ..entry.entry import Budget, Entry, Step
from ..entry.javascript import Literal
from .expansion import Inside, Maybe, evaluate, how_often, own_target, takes_settings


class Runs(StrEnum):
    yes = "yes"
    no = "no"
    unknown = "unknown"


@dataclass(frozen=True)
class Call:
    """How an entry is called. What is None is known only while it runs.

    `limit`: what each machine may cost an hour in USD, if anybody said so.
    """

    entry: Entry
    given: Mapping[str, Maybe]
    target: Maybe
    settings: Maybe
    name: Maybe
    limit: float | None = None


@dataclass(frozen=True)
class Occurrence:
    """One use; `path` leads there from the entry. `several`: nobody knows yet how many there are.

    `why`: what it depends on, where it does not run or may not run.
    """

    path: str
    call: Call
    use: str
    runs: Runs = Runs.yes
    why: str = ""
    several: bool = False
    approval: bool = False


def occurrences(
    entries: Mapping[str, Entry], key: str, args: Mapping[str, Any]
) -> Iterator[Occurrence]:
    """`args`: of the entry's flow. Leaves and drawn pipelines, and whatever is left out whole."""
    entry = entries[key]
    given: dict[str, Maybe] = {name: Literal(args.get(name)) for name in entry.inputs}
    target = own_target(entry, Literal(args.get("target")))
    said = args.get("max_hourly_usd")
    name, settings = Literal(args.get("name") or entry.name), Literal(args.get("target_settings"))
    call = Call(entry, given, target, settings, name, least(said, entry.budget))
    yield from _Walk(entries).below(Occurrence("", call, key))


@dataclass(frozen=True)
class _Item:
    """Of a list: what its use is called by, and what `each` is. `each` None: nobody knows yet."""

    path: str = ""
    name: str | None = ""
    each: Mapping[str, Any] | None = None
    several: bool = False


ONE = _Item()
ANY = _Item("/*", None, None, several=True)


@dataclass(frozen=True)
class _Walk:
    entries: Mapping[str, Entry]

    def below(self, here: Occurrence) -> Iterator[Occurrence]:
        entry = here.call.entry
        if entry.steps is None or here.runs == Runs.no:
            yield here
            return
        inside = Inside(entry, here.call.given, here.call.target)
        for step in entry.steps:
            yield from self._step(step, here, inside)

    def _step(self, step: Step, here: Occurrence, inside: Inside) -> Iterator[Occurrence]:
        items = [*_items(step, inside)]
        if not items:
            why = f"for each of {step.for_each}: the list is empty"
            yield replace(self._use(step, ONE, here, inside), runs=Runs.no, why=why)
        for item in items:
            yield from self.below(self._use(step, item, here, replace(inside, each=item.each)))

    def _use(self, step: Step, item: _Item, here: Occurrence, inside: Inside) -> Occurrence:
        runs, why = _runs(step, item, inside)
        if runs != Runs.no and here.runs == Runs.unknown:
            runs, why = here.runs, here.why
        return Occurrence(
            path=f"{here.path}/{step.id}{item.path}".strip("/"),
            call=_call(step, self.entries[step.use], item, here.call, inside),
            use=step.use,
            runs=runs,
            why=why,
            several=here.several or item.several,
            approval=here.approval or step.approval is not None,
        )


def _items(step: Step, inside: Inside) -> Iterator[_Item]:
    if step.for_each is None:
        yield ONE
        return
    items = evaluate(step.for_each, inside)
    if not isinstance(items, Literal):
        yield ANY
        return
    values = items.value if isinstance(items.value, list | tuple) else ()
    for index, value in enumerate(values):
        yield _Item(f"/{index}", f"-{index}", {"value": value, "index": index})


def _runs(step: Step, item: _Item, inside: Inside) -> tuple[Runs, str]:
    times, may_be_skipped = how_often(step, inside)
    if times == Literal(0):
        return Runs.no, f"when {step.when}"
    if may_be_skipped:
        return Runs.unknown, f"when {step.when}"
    return (Runs.unknown, f"for each of {step.for_each}") if item.several else (Runs.yes, "")


def _call(step: Step, used: Entry, item: _Item, above: Call, inside: Inside) -> Call:
    """As `compile_steps` hands it on."""
    given: dict[str, Maybe] = {name: evaluate(step.with_[name], inside) for name in step.with_}
    handed_on = above.settings if takes_settings(used) else Literal(None)
    name = given.get("name", Literal(None))
    return Call(
        entry=used,
        given=given,
        target=own_target(used, given.get("target", inside.target)),
        settings=given.get("target_settings", handed_on),
        name=_name(step, item, above) if name == Literal(None) else name,
        limit=_limit(step, given, above, used),
    )


def _name(step: Step, item: _Item, above: Call) -> Maybe:
    if item.name is None or not isinstance(above.name, Literal):
        return None
    return Literal(f"{above.name.value}-{dashed(step.id)}{item.name}")


def _limit(step: Step, given: Mapping[str, Maybe], above: Call, used: Entry) -> float | None:
    said = given.get("max_hourly_usd")
    own = said.value if isinstance(said, Literal) else above.limit
    return least(least(own, step.budget), used.budget if used.steps else None)


def least(said: float | None, budget: Budget | None) -> float | None:
    limits = (said, budget.max_hourly_usd if budget else None)
    return min((each for each in limits if each is not None), default=None)
