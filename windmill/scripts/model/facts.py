"""What follows from an entry and from everything below it, worked out once each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from .deployment import Target
from .entry import Entry, Step
from .reference import Reference, references

ANY_TARGET = frozenset(Target)
STEP_FIELDS = ("with_", "when", "for_each")


@dataclass(frozen=True)
class Facts:
    """`fixed`: targets that entries below insist on. `allowed`: what may be chosen for the rest."""

    deploys: bool
    leaves: int
    depth: int
    fixed: frozenset[Target]
    allowed: frozenset[Target]


class Deep:
    """Facts of entries, each from those of what it uses. The uses must be free of circles."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = entries
        self._known: dict[str, Facts] = {}

    def __getitem__(self, key: str) -> Facts:
        if key not in self._known:
            self._known[key] = self._work_out(self.entries[key])
        return self._known[key]

    def forget(self, key: str) -> None:
        self._known.pop(key, None)

    def below(self, entry: Entry) -> Iterator[tuple[Step, Facts]]:
        for step in entry.steps or ():
            if step.use in self.entries:
                yield step, self[step.use]

    def _work_out(self, entry: Entry) -> Facts:
        below = list(self.below(entry))
        own = frozenset([entry.target]) if entry.target else frozenset[Target]()
        allowed = frozenset(entry.targets) if entry.targets else ANY_TARGET
        fixed, deploys = own, entry.graph is not None
        for step, facts in below:
            given = step_target(step)
            fixed |= facts.fixed | (frozenset([given]) if given else frozenset())
            deploys |= facts.deploys
            if facts.deploys and not given and "target" not in step.with_:
                allowed &= facts.allowed
        return Facts(
            deploys,
            sum(facts.leaves for _, facts in below) if entry.steps else 1,
            1 + max((facts.depth for _, facts in below), default=0),
            fixed,
            allowed | {Target.auto},
        )


def step_target(step: Step) -> Target | None:
    """The target that the step itself names; None where it is open or a reference."""
    given = step.with_.get("target")
    return Target(given) if isinstance(given, str) and given in set(Target) else None


@dataclass(frozen=True)
class Order:
    """Which steps of one entry wait for which."""

    steps: tuple[Step, ...]

    @cached_property
    def needs(self) -> dict[str, frozenset[str]]:
        ids = {step.id for step in self.steps}
        return {step.id: frozenset(_needed(step)) & ids - {step.id} for step in self.steps}

    def cycle(self) -> list[str]:
        """Step ids along a circle, first and last the same; [] when there is none."""
        return find_cycle({**{s.id: sorted(self.needs[s.id]) for s in self.steps}})


def _needed(step: Step) -> Iterator[str]:
    yield from step.needs
    for field in STEP_FIELDS:
        for _, found in references(getattr(step, field)):
            if isinstance(found, Reference) and found.root == "steps":
                yield found.head


def find_cycle(after: Mapping[str, list[str]]) -> list[str]:
    """Names along a circle, first and last the same; [] when there is none."""
    done: set[str] = set()
    for start in after:
        path, on_path, iterators = [start], {start}, [iter(after[start])]
        while path and start not in done:
            following = next(iterators[-1], None)
            if following is None:
                done.add(path[-1])
                on_path.discard(path.pop())
                iterators.pop()
            elif following in on_path:
                return [*path[path.index(following) :], following]
            elif following not in done and following in after:
                path.append(following)
                on_path.add(following)
                iterators.append(iter(after[following]))
    return []
