"""Columns of a table that is too long for an object a row: NumPy's, and texts as one."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
FEW = 20  # codes; to compare with so many is quicker than to look each row's up


class Coded:
    """What has few different values, whatever they are."""

    def __init__(self) -> None:
        self._known: dict[Any, int] = {}
        self._filling = array("I")
        self._values: list[Any] = []
        self._codes: NDArray[Any] = np.empty(0, np.uint8)

    def add(self, value: Any) -> None:
        self._filling.append(self._known.setdefault(value, len(self._known)))

    def close(self, order: Rows) -> None:
        self._values = list(self._known)
        kind = np.min_scalar_type(max(len(self._values) - 1, 0))
        self._codes = np.frombuffer(self._filling, np.uint32)[order].astype(kind)
        self._known, self._filling = {}, array("I")

    def ranks(self) -> NDArray[np.uint32]:
        """Of what was added, as its values would be sorted."""
        rank = {value: place for place, value in enumerate(sorted(self._known))}
        table = np.array([rank[value] for value in self._known], np.uint32)
        return table[np.frombuffer(self._filling, np.uint32)]

    def at(self, row: int) -> Any:
        return self._values[self._codes[row]]

    def where(self, holds: Callable[[Any], bool]) -> Mask:
        """Asks once for each value, not for each row."""
        table = np.fromiter(map(holds, self._values), np.bool_, len(self._values))
        few = np.flatnonzero(table)
        if len(few) > FEW:
            return np.asarray(table[self._codes], np.bool_)
        found = np.zeros(len(self._codes), np.bool_)
        for code in few.tolist():
            found |= self._codes == code
        return found


class Numbers:
    """Floats; None is kept as NaN, which is never enough."""

    def __init__(self) -> None:
        self._filling = array("d")
        self.values: NDArray[np.float64] = np.empty(0)

    def add(self, value: float | None) -> None:
        self._filling.append(np.nan if value is None else value)

    def close(self, order: Rows) -> None:
        self.values = self.unordered()[order]
        self._filling = array("d")

    def unordered(self) -> NDArray[np.float64]:
        return np.frombuffer(self._filling, np.float64)

    def at(self, row: int) -> float | None:
        value = float(self.values[row])
        return None if np.isnan(value) else value


class Texts:
    """Mostly different ones, end to end in one text."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q", [0])
        self._rows: NDArray[Any] = np.empty(0, np.uint32)

    def add(self, value: str) -> None:
        self._bytes += value.encode("utf-8")
        self._ends.append(len(self._bytes))

    def close(self, order: Rows) -> None:
        self._rows = order.astype(np.uint32)

    def unordered(self, row: int) -> str:
        told = self._bytes[self._ends[row] : self._ends[row + 1]]
        return told.decode("utf-8")

    def at(self, row: int) -> str:
        return self.unordered(int(self._rows[row]))


def ordered(keys: Sequence[NDArray[Any]], text: Callable[[int], str]) -> Rows:
    """As `sorted` would order rows by the keys, the first of which weighs most, then by a text."""
    order = np.lexsort(tuple(reversed(keys)))
    for start, end in _alike(keys, order):
        order[start:end] = sorted(order[start:end].tolist(), key=text)
    return order


def _alike(keys: Sequence[NDArray[Any]], order: Rows) -> Iterable[tuple[int, int]]:
    """Where several rows in a row have the same keys."""
    changes = np.zeros(max(len(order) - 1, 0), np.bool_)
    for key in keys:
        there = key[order]
        changes |= there[1:] != there[:-1]
    edges = np.concatenate(([0], np.flatnonzero(changes) + 1, [len(order)]))
    several = np.flatnonzero(np.diff(edges) > 1)
    return zip(edges[several].tolist(), edges[several + 1].tolist(), strict=True)
