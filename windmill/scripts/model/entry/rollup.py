"""What follows from an entry and from everything below it, worked out once each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..base.target import Target
from .entry import Entry, Step

ANY_TARGET = frozenset(Target)


@dataclass(frozen=True)
class Rollup:
    """`fixed`: targets that entries below insist on. `allowed`: what may be chosen for the rest."""

    deploys: bool
    leaves: int
    depth: int
    fixed: frozenset[Target]
    allowed: frozenset[Target]


class Rollups:
    """Rollup of entries, each from those of what it uses. The uses must be free of circles."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = entries
        self._rollups: dict[str, Rollup] = {}

    def __getitem__(self, key: str) -> Rollup:
        if key not in self._rollups:
            self._rollups[key] = self._work_out(self.entries[key])
        return self._rollups[key]

    def below(self, entry: Entry) -> Iterator[tuple[Step, Rollup]]:
        for step in entry.steps or ():
            if step.use in self.entries:
                yield step, self[step.use]

    def _work_out(self, entry: Entry) -> Rollup:
        below = list(self.below(entry))
        own = frozenset([entry.target]) if entry.target else frozenset[Target]()
        allowed = frozenset(entry.targets) if entry.targets else ANY_TARGET
        fixed, deploys = own, entry.graph is not None
        for step, rollup in below:
            given = step.target
            fixed |= rollup.fixed | (frozenset([given]) if given else frozenset())
            deploys |= rollup.deploys
            if rollup.deploys and not given and "target" not in step.with_:
                allowed &= rollup.allowed
        return Rollup(
            deploys,
            sum(rollup.leaves for _, rollup in below) if entry.steps else 1,
            1 + max((rollup.depth for _, rollup in below), default=0),
            fixed,
            allowed | {Target.auto},
        )
