"""Terraform keeps what it made under a name: steps that share one undo each other's work."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from ..base.reference import input_name, parts, references
from ..base.short_form import with_defaults
from ..entry.entry import Entry, Step
from .check_context import Context


@dataclass(frozen=True)
class KeptStates:
    entry: Entry
    context: Context

    def shared(self) -> Iterator[tuple[Step, Step, str]]:
        """Pairs of steps that apply different things under one name, and that name; a loop whose
        items do is a pair with itself.
        """
        kept: dict[tuple[str, ...], list[Step]] = defaultdict(list)
        for step in self.entry.steps or ():
            if (used := self._applies(step)) and step.when in (None, True):
                kept[_name(used, step)].append(step)
        for name, steps in kept.items():
            shown = "".join(name)
            yield from ((a, b, shown) for a, b in combinations(steps, 2) if _differ(a, b))
            yield from ((step, step, shown) for step in steps if _differs_by_item(step, shown))

    def _applies(self, step: Step) -> Entry | None:
        used = self.context.catalog.entries.get(step.use)
        run = used.run if used else None
        return used if run and run.terraform and run.action == "apply" else None


def _name(used: Entry, step: Step) -> tuple[str, ...]:
    """As text, with what the step gives in place of the leaf's inputs."""
    assert used.run is not None, "only a leaf keeps a state"
    defaults = with_defaults(used.inputs, step.with_)
    return tuple(
        part if isinstance(part, str) else str(defaults.get(input_name(part) or ""))
        for part in parts(used.run.state or used.name)
    )


def _differ(one: Step, other: Step) -> bool:
    return (one.use, one.with_) != (other.use, other.with_)


def _differs_by_item(step: Step, name: str) -> bool:
    by_item = [each for _, each in references(step.with_) if each.root == "each"]
    return step.for_each is not None and bool(by_item) and "${each." not in name
