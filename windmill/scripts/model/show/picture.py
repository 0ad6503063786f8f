"""The nested structure of an entry, as boxes in boxes with arrows between those of one level."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..catalog.catalog import Catalog
from ..drawing.component import Component
from ..entry.entry import Entry, Graph, Step
from ..entry.rollup import Rollups


@dataclass(frozen=True)
class Box:
    """`path` is its own; arrows are pairs of ids among its boxes. `hidden`: boxes not shown."""

    path: str
    id: str
    kind: str
    what: str = ""
    marks: tuple[str, ...] = ()
    boxes: tuple["Box", ...] = ()
    arrows: tuple[tuple[str, str], ...] = ()
    hidden: int = 0

    def as_dict(self) -> dict[str, Any]:
        inner = [box.as_dict() for box in self.boxes]
        arrows = [{"from": start, "to": end} for start, end in self.arrows]
        own = {"path": self.path, "id": self.id, "kind": self.kind, "what": self.what}
        return {**own, "marks": list(self.marks), "hidden": self.hidden} | {
            "boxes": inner,
            "arrows": arrows,
        }

    def all(self) -> Iterator["Box"]:
        yield self
        for box in self.boxes:
            yield from box.all()


def picture(catalog: Catalog, key: str, depth: int | None = None) -> Box:
    """`depth`: how many levels are opened; all when left out."""
    return _Painter(catalog, Rollups(catalog.entries)).entry(key, "", None, depth)


def count(catalog: Catalog, key: str, depth: int) -> int:
    """How many boxes a picture has, without drawing it."""
    entry = catalog.entries[key]
    if depth <= 0:
        return 1
    nodes = len(entry.graph.nodes) if entry.graph else 0
    return 1 + nodes + sum(count(catalog, step.use, depth - 1) for step in entry.steps or ())


@dataclass(frozen=True)
class _Painter:
    catalog: Catalog
    rollups: Rollups

    def entry(self, key: str, path: str, step: Step | None, depth: int | None) -> Box:
        entry = self.catalog.entries[key]
        id = step.id if step else entry.name
        below, arrows = self._inside(entry, path, depth)
        inside = len(entry.steps or (entry.graph.nodes if entry.graph else ()))
        return Box(
            path,
            id,
            entry.kind,
            _what(key, entry),
            tuple(_marks(step)) if step else (),
            below,
            arrows,
            inside - len(below),
        )

    def _inside(
        self, entry: Entry, path: str, depth: int | None
    ) -> tuple[tuple[Box, ...], tuple[tuple[str, str], ...]]:
        if depth is not None and depth <= 0:
            return (), ()
        if entry.graph is not None:
            return _drawn(entry.graph, path, self.catalog.components)
        left = None if depth is None else depth - 1
        boxes = tuple(
            self.entry(step.use, f"{path}/{step.id}".strip("/"), step, left)
            for step in entry.steps or ()
        )
        needs = entry.waits_for
        return boxes, tuple((need, id) for id in needs for need in sorted(needs[id]))


def _drawn(
    graph: Graph, path: str, components: Mapping[str, Component]
) -> tuple[tuple[Box, ...], tuple[tuple[str, str], ...]]:
    boxes = []
    for node in graph.nodes:
        component = components.get(node.component)
        kind = component.type.value if component else "component"
        boxes.append(Box(f"{path}/{node.id}".strip("/"), node.id, kind, node.component))
    return tuple(boxes), tuple(dict.fromkeys((e.source, e.target) for e in graph.edges))


def _what(key: str, entry: Entry) -> str:
    if entry.run is None:
        return key
    return f"{entry.run.kind} {getattr(entry.run, entry.run.kind)}" if not entry.run.http else key


def _marks(step: Step) -> Iterator[str]:
    if step.for_each is not None:
        yield f"× {len(step.for_each)}" if isinstance(step.for_each, list) else "× n"
    if step.when is not None and step.when is not True:
        yield f"when {step.when}"
    if step.approval is not None:
        yield "approval"
    if step.budget is not None:
        yield "budget"
