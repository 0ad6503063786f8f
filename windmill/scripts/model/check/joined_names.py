"""Deployments below an entry are named by the steps that lead to them: no two ways to two of them
may read the same, or the second would replace the first.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from ..base.names import dashed
from ..base.reference import references
from ..entry.entry import Entry, Step
from .check_context import Context

MANY = "N"  # an item's number, which is no name: those are lower case


@dataclass(frozen=True)
class Way:
    """What of a name is not compared yet, and the entry that it then leads into."""

    left: tuple[str, ...]
    use: str


@dataclass(frozen=True)
class JoinedNames:
    entry: Entry
    context: Context

    def alike(self) -> Iterator[tuple[Step, Step, str]]:
        """Pairs of steps below which two deployments have one name, and that name."""
        begun: dict[str, list[Step]] = defaultdict(list)
        for step in self.entry.steps or ():
            if self._deploys(step) and "name" not in step.with_:
                begun[_parts(step)[0]].append(step)
        for steps in begun.values():
            for one, other in combinations(steps, 2):
                name = self._meeting(Way(_parts(one), one.use), Way(_parts(other), other.use))
                if name:
                    yield one, other, "-".join([self.entry.name, *name])

    def named_alike(self) -> Iterator[tuple[Step, Step, str]]:
        """As `alike`, of steps that are told one name themselves and run side by side.

        A loop that names all its items the same stands beside itself.
        """
        told: dict[str, list[Step]] = defaultdict(list)
        for step in self.entry.steps or ():
            name = step.with_.get("name")
            if self._deploys(step) and isinstance(name, str) and step.when in (None, True):
                told[name].append(step)
        for name, steps in told.items():
            yield from (
                (one, other, name)
                for one, other in combinations(steps, 2)
                if one.id not in self._before(other) and other.id not in self._before(one)
            )
            yield from ((step, step, name) for step in steps if _names_all_alike(step, name))

    def _deploys(self, step: Step) -> bool:
        entries = self.context.catalog.entries
        return step.use in entries and self.context.rollups[step.use].deploys

    def _before(self, step: Step) -> set[str]:
        """The steps that it waits for, also through others."""
        before, waiting = set[str](), [step.id]
        while waiting:
            found = self.entry.waits_for[waiting.pop()] - before
            before |= found
            waiting += found
        return before

    def _meeting(self, one: Way, other: Way) -> tuple[str, ...]:
        """The rest of a name that both lead to; () where there is none."""
        waiting: list[tuple[Way, Way, tuple[str, ...]]] = [(one, other, ())]
        seen = set()
        while waiting:
            one, other, name = waiting.pop()
            common = _common(one.left, other.left)
            if common is None or (one, other) in seen:
                continue
            seen.add((one, other))
            name = (*name, *common)
            ways = [Way(way.left[len(common) :], way.use) for way in (one, other)]
            if not ways[0].left and not ways[1].left and not any(map(self._leads_on, ways)):
                return name
            at = next((n for n in (0, 1) if not ways[n].left and self._leads_on(ways[n])), None)
            if at is not None:
                waiting += [(inner, ways[1 - at], name) for inner in self._inner(ways[at].use)]
        return ()

    def _leads_on(self, way: Way) -> bool:
        return self.context.catalog.entries[way.use].steps is not None

    def _inner(self, use: str) -> Iterator[Way]:
        for step in self.context.catalog.entries[use].steps or ():
            if self._deploys(step) and "name" not in step.with_:
                yield Way(_parts(step), step.use)


def _parts(step: Step) -> tuple[str, ...]:
    return (*dashed(step.id).split("-"), *([MANY] if step.for_each is not None else []))


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...] | None:
    """What both begin with, until one of them ends; None where they differ before."""
    shared = list(zip(one, other, strict=False))
    alike = all(a == b or (MANY in (a, b) and _is_number(a, b)) for a, b in shared)
    return tuple(MANY if MANY in pair else pair[0] for pair in shared) if alike else None


def _is_number(*pair: str) -> bool:
    (other,) = (part for part in pair if part != MANY)
    return other == "0" or (other.isdigit() and not other.startswith("0"))


def _names_all_alike(step: Step, name: str) -> bool:
    return step.for_each is not None and all(each.root != "each" for _, each in references(name))
