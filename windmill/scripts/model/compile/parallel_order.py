"""Steps as nested series and branches: as parallel as flows can be, and never out of order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Series:
    blocks: tuple["Block", ...]


@dataclass(frozen=True)
class Parallel:
    blocks: tuple["Block", ...]


Block = str | Series | Parallel


def arrange(needs: Mapping[str, frozenset[str]]) -> Block:
    """The blocks of steps that may not form a circle; `needs` tells what each one waits for.

    Where the order is series-parallel it is kept exactly. Where it is not (a and b before c, only
    b before d), the cut that makes the fewest steps wait for strangers is taken.
    """
    names = list(needs)
    number = {name: index for index, name in enumerate(names)}
    before = tuple(sum([1 << number[need] for need in needs[name]]) for name in names)
    return _named(_arranged(before), names)


# Steps are numbers here, so that entries of the same shape are arranged once.
@lru_cache(maxsize=4096)
def _arranged(before: tuple[int, ...]) -> "int | _Numbers":
    return _Arranger(_closure(before)).block((1 << len(before)) - 1)


def _closure(needed: tuple[int, ...]) -> list[int]:
    """For each step, the set (as bits) of all it waits for, however far."""
    before = list(needed)
    changed = True
    while changed:
        changed = False
        for index, waits in enumerate(before):
            wider = waits
            for other in bits(waits):
                wider |= before[other]
            if wider != waits:
                before[index], changed = wider, True
    return before


def bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass(frozen=True)
class _Numbers:
    """A block while steps are numbers."""

    kind: type[Series | Parallel]
    blocks: tuple["int | _Numbers", ...]


class _Arranger:
    def __init__(self, before: list[int]) -> None:
        self.before = before
        self.after = [0] * len(before)
        for index, waits in enumerate(before):
            for other in bits(waits):
                self.after[other] |= 1 << index

    def block(self, mask: int) -> int | _Numbers:
        if mask & (mask - 1) == 0:
            return mask.bit_length() - 1
        islands = list(self._islands(mask))
        if len(islands) > 1:
            return _Numbers(Parallel, tuple(self.block(island) for island in islands))
        sections = list(self._sections(mask))
        if len(sections) == 1:
            first = self._cheapest_cut(mask)
            sections = [first, mask & ~first]
        blocks: list[int | _Numbers] = []
        for section in sections:
            block = self.block(section)
            inner = isinstance(block, _Numbers) and block.kind is Series
            blocks.extend(block.blocks if inner and isinstance(block, _Numbers) else [block])
        return _Numbers(Series, tuple(blocks))

    def _islands(self, mask: int) -> Iterator[int]:
        """Steps that have nothing to do with each other, apart."""
        while mask:
            island = reached = mask & -mask
            while reached:
                step = reached & -reached
                reached ^= step
                index = step.bit_length() - 1
                near = (self.before[index] | self.after[index]) & mask & ~island
                island |= near
                reached |= near
            yield island
            mask &= ~island

    def _sections(self, mask: int) -> Iterator[int]:
        """Sets each of whose steps waits for all of the sets before."""
        ordered = sorted(bits(mask), key=lambda i: ((self.before[i] & mask).bit_count(), i))
        common = [mask] * (len(ordered) + 1)
        for at in range(len(ordered) - 1, -1, -1):
            common[at] = common[at + 1] & self.before[ordered[at]]
        done = begun = 0
        for at, index in enumerate(ordered):
            done |= 1 << index
            if common[at + 1] & done == done or at == len(ordered) - 1:
                yield done & ~begun
                begun = done

    def _cheapest_cut(self, mask: int) -> int:
        cuts = {
            cut & mask
            for i in bits(mask)
            for cut in (self.before[i], self.before[i] | 1 << i, ~(self.after[i] | 1 << i))
        }
        return min(cuts - {0, mask}, key=lambda cut: (self._strangers(cut, mask & ~cut), cut))

    def _strangers(self, first: int, rest: int) -> int:
        return sum((rest & ~self.after[index]).bit_count() for index in bits(first))


def _named(block: int | _Numbers, names: Sequence[str]) -> Block:
    if isinstance(block, int):
        return names[block]
    return block.kind(tuple(_named(inner, names) for inner in block.blocks))
