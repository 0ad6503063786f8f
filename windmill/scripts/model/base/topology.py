"""Names that come after others: in order, or the way round where they form a circle."""

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

After = Mapping[str, Collection[str]]


def in_order(after: After) -> list[str]:
    """Each behind those it comes after; within a circle, as they are given."""
    ordered: dict[str, None] = {}
    entered: set[str] = set()
    waiting = list(after)[::-1]
    while waiting:
        name = waiting[-1]
        if name in entered:
            ordered.setdefault(waiting.pop())
            continue
        entered.add(name)
        waiting += [each for each in [*after[name]][::-1] if each in after and each not in entered]
    return list(ordered)


def find_cycle(after: After) -> list[str]:
    """Names along a circle, each after the next, first and last the same; [] without any."""
    sorter = TopologicalSorter[str](dict.fromkeys(after, ()))
    for name, others in after.items():
        for other in others:
            # graphlib tells a circle from the needed to what needs it; it is read the other way.
            sorter.add(other, name)
    try:
        sorter.prepare()
    except CycleError as error:
        return list(error.args[1])
    return []
