"""Entries and components in short, for lists, searches and forms."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..catalog.catalog import Catalog
from ..catalog.version import Versions
from ..entry.entry import Entry


@dataclass(frozen=True)
class Summary:
    """`leaves`: what one run of it starts, all levels together; 0 for a component."""

    key: str
    kind: str
    name: str
    version: str
    summary: str
    leaves: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def summaries(catalog: Catalog) -> list[Summary]:
    return [*_entries(catalog), *_components(catalog)]


def _entries(catalog: Catalog) -> Iterator[Summary]:
    rollups = catalog.rollups
    for key, entry in catalog.entries.items():
        leaves = rollups[key].leaves
        yield Summary(key, entry.kind, entry.name, entry.version, entry.summary, leaves)


def _components(catalog: Catalog) -> Iterator[Summary]:
    for name, each in catalog.components.items():
        yield Summary(f"components/{name}", each.kind, name, each.version, each.summary, 0)


def search(catalog: Catalog, words: Sequence[str]) -> list[Summary]:
    """Those that have every word, best first: in the name counts most."""
    ranked = [(_rank(item, catalog, words), item) for item in summaries(catalog)]
    matching = [(rank, item) for rank, item in ranked if rank]
    return [item for _, item in sorted(matching, key=lambda pair: (-pair[0], pair[1].key))]


def _rank(item: Summary, catalog: Catalog, words: Sequence[str]) -> int:
    entry = catalog.entries.get(item.key)
    texts = [(5, item.name), (3, item.summary), (1, _rest(entry) if entry else "")]
    ranks = [sum(n for n, text in texts if word.lower() in text.lower()) for word in words]
    return sum(ranks) if all(ranks) else 0


def _rest(entry: Entry) -> str:
    meanings = [f"{name} {s.get('description', '')}" for name, s in entry.inputs.items()]
    nodes = [node.component for node in entry.graph.nodes] if entry.graph else []
    uses = [step.use for step in entry.steps or ()]
    return " ".join([entry.description, *entry.labels, *meanings, *nodes, *uses])


def details(catalog: Catalog, entry: Entry) -> dict[str, Any]:
    rollup = catalog.rollups[entry.key]
    return {
        "key": entry.key,
        "version": entry.version,
        "hash": Versions(catalog)[entry.key],
        "file": catalog.sources[entry.key].file,
        "summary": entry.summary,
        "inputs": entry.inputs,
        "outputs": {name: output.value for name, output in entry.outputs.items()},
        "run": entry.run.model_dump(mode="json", exclude_none=True) if entry.run else None,
        "steps": [
            {"id": step.id, "use": step.use, "after": sorted(entry.waits_for[step.id])}
            for step in entry.steps or ()
        ],
        "nodes": [node.model_dump(mode="json") for node in entry.graph.nodes]
        if entry.graph
        else [],
        "leaves": rollup.leaves,
        "levels": rollup.depth,
        "deploys": rollup.deploys,
        "used_by": sorted(
            key
            for key, other in catalog.entries.items()
            if any(step.use == entry.key for step in other.steps or ())
        ),
    }
