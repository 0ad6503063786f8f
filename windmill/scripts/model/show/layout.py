"""Boxes in layers from left to right, arrows between them, levels inside each other."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Point = tuple[float, float]
Size = tuple[float, float]
GAP, LANE, RANK_GAP = 16.0, 4.0, 48.0
TALLEST = 640.0
SWEEPS, SLACK = 6, 1.15


@dataclass(frozen=True)
class Placed:
    """The top left corner and size of a box, from the top left of what it stands in."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    width: float
    height: float
    places: Mapping[str, Placed]
    arrows: Sequence[tuple[Point, ...]]


@dataclass(eq=False)
class _Item:
    """A box, or a bend where an arrow passes a rank."""

    width: float
    height: float
    rank: int
    y: float = 0.0
    left: list["_Item"] = field(default_factory=list)
    right: list["_Item"] = field(default_factory=list)
    x: float = 0.0
    column: float = 0.0
    is_bend: bool = False


def arrange(sizes: Mapping[str, Size], arrows: Iterable[tuple[str, str]]) -> Layout:
    """Arrows may not form a circle."""
    pairs = list(arrows)
    ranks = _columns(sizes, _ranks(list(sizes), pairs))
    items = {id: _Item(w, h, ranks[id]) for id, (w, h) in sizes.items()}
    ways = _ways(items, pairs)
    every = dict.fromkeys([*items.values(), *(item for way in ways for item in way)])
    last = max(ranks.values(), default=-1)
    layers = [[i for i in every if i.rank == rank] for rank in range(last + 1)]
    width = _widths(layers)
    _order(layers)
    _settle(layers)
    return _read(items, ways, width)


def _ranks(ids: Sequence[str], arrows: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The longest way to each; where nothing leads, next to what it leads to."""
    before: dict[str, list[str]] = {id: [] for id in ids}
    after: dict[str, list[str]] = {id: [] for id in ids}
    for start, end in arrows:
        before[end].append(start)
        after[start].append(end)
    ranks: dict[str, int] = {}
    waiting = [id for id in ids if not before[id]]
    missing = {id: len(before[id]) for id in ids}
    while waiting:
        id = waiting.pop(0)
        ranks[id] = max((ranks[each] + 1 for each in before[id]), default=0)
        for each in after[id]:
            missing[each] -= 1
            if not missing[each]:
                waiting.append(each)
    for id in ids:
        if not before[id] and after[id]:
            ranks[id] = min(ranks[each] for each in after[id]) - 1
    return ranks


def _columns(sizes: Mapping[str, Size], ranks: Mapping[str, int]) -> dict[str, int]:
    """A rank that would be too tall takes several columns."""
    columns: dict[str, int] = {}
    column = 0
    for rank in sorted(set(ranks.values())):
        members = [name for name, own in ranks.items() if own == rank]
        area = sum((sizes[name][0] + RANK_GAP) * (sizes[name][1] + GAP) for name in members)
        tallest, height = max(TALLEST, area**0.5), 0.0
        for name in members:
            if height and height + sizes[name][1] > tallest:
                column, height = column + 1, 0.0
            columns[name] = column
            height += sizes[name][1] + GAP
        column += 1
    return columns


def _ways(items: Mapping[str, _Item], arrows: Sequence[tuple[str, str]]) -> list[list[_Item]]:
    """Arrows that leave one box, or reach one, bend together."""
    leaving, reaching = Counter(s for s, _ in arrows), Counter(e for _, e in arrows)
    bends: dict[tuple[str, str, int], _Item] = {}
    ways = []
    for start, end in arrows:
        together = ("from", start) if leaving[start] >= reaching[end] else ("to", end)
        between = range(items[start].rank + 1, items[end].rank)
        lanes = ((*together, rank) for rank in between)
        bent = [bends.setdefault(each, _Item(0, LANE, each[2], is_bend=True)) for each in lanes]
        way = [items[start], *bent, items[end]]
        for here, there in pairwise(way):
            if there not in here.right:
                here.right.append(there)
                there.left.append(here)
        ways.append(way)
    return ways


def _widths(layers: Sequence[list[_Item]]) -> float:
    x = 0.0
    for layer in layers:
        width = max(item.width for item in layer)
        for item in layer:
            item.x, item.column = x, width
            item.width = width if item.is_bend else item.width
        x += width + RANK_GAP
    return max(x - RANK_GAP, 0.0)


def _order(layers: Sequence[list[_Item]]) -> None:
    """Neighbours next to each other: the middle of those before, then of those after."""
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for layer in layers if forward else reversed(layers):
            for index, item in enumerate(layer):
                item.y = float(index)
            places = {item: i for other in layers for i, item in enumerate(other)}
            layer.sort(key=lambda item: _middle(item.left if forward else item.right, item, places))


def _middle(near: Sequence[_Item], item: _Item, places: Mapping[_Item, int]) -> float:
    own = places[item]
    return sum(places[each] for each in near) / len(near) if near else float(own)


def _settle(layers: Sequence[list[_Item]]) -> None:
    """Near what they are connected with, and little taller than the tallest layer."""
    room = max((_height(layer) for layer in layers), default=0.0) * SLACK
    for layer in layers:
        _spread(layer, [0.0] * len(layer), room)
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            _spread(layer, [_wanted(item) for item in layer], room)


def _height(layer: Sequence[_Item]) -> float:
    return sum(item.height + GAP for item in layer) - GAP


def _wanted(item: _Item) -> float:
    near = [*item.left, *item.right]
    return sum(each.y for each in near) / len(near) if near else item.y


def _spread(layer: Sequence[_Item], wanted: Sequence[float], room: float) -> None:
    """Least squares under a fixed order and fixed distances: pools of neighbours."""
    offsets = [0.0]
    for above, below in pairwise(layer):
        offsets.append(offsets[-1] + (above.height + below.height) / 2 + GAP)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        mean, size = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, more = pools.pop()
            mean, size = (mean * size + other * more) / (size + more), size + more
        pools.append((mean, size))
    means = [mean for mean, size in pools for _ in range(size)]
    highest = (layer[0].height - room) / 2
    lowest = (room - layer[-1].height) / 2 - offsets[-1]
    for item, mean, offset in zip(layer, means, offsets, strict=True):
        item.y = min(max(mean, highest), lowest) + offset


def _read(items: Mapping[str, _Item], ways: Sequence[Sequence[_Item]], width: float) -> Layout:
    every = [*items.values(), *(item for way in ways for item in way)]
    top = min((item.y - item.height / 2 for item in every), default=0.0)
    bottom = max((item.y + item.height / 2 for item in every), default=0.0)
    places = {
        id: Placed(item.x, item.y - item.height / 2 - top, item.width, item.height)
        for id, item in items.items()
    }
    arrows = [tuple(point for item in _points(way, top) for point in item) for way in ways]
    return Layout(width, bottom - top, places, arrows)


def _points(way: Sequence[_Item], top: float) -> Iterable[tuple[Point, ...]]:
    """Level beside the box it leaves, as far as its neighbours reach, and level in each bend."""
    first, *bends, last = way
    y = first.y - top
    yield (first.x + first.width, y), (first.x + first.column, y)
    for bend in bends:
        yield (bend.x, bend.y - top), (bend.x + bend.width, bend.y - top)
    yield ((last.x, last.y - top),)
