"""The catalog in Git: components and pipelines, read and checked as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .check import check_pipeline
from .component import Component
from .errors import InvalidInput, Problem
from .names import InputName, Name
from .parse import parse
from .pipeline import Compute, Edge, Node, Pipeline
from .source import Source, load_yaml


class Graph(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    nodes: tuple[Node, ...] = Field(min_length=1, max_length=200)
    edges: tuple[Edge, ...] = Field(default=(), max_length=1000)


class Entry(BaseModel):
    """A catalog entry with a graph: a pipeline."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["pipeline"]
    name: Name
    version: str = "0.1.0"
    summary: str = ""
    inputs: dict[InputName, dict[str, Any]] = Field(default_factory=dict)
    graph: Graph
    compute: Compute = Field(default_factory=Compute)
    outputs: dict[str, str] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.kind}s/{self.name}"

    @property
    def pipeline(self) -> Pipeline:
        graph = self.graph
        return Pipeline(name=self.name, nodes=graph.nodes, edges=graph.edges, compute=self.compute)


@dataclass(frozen=True)
class Catalog:
    components: dict[str, Component] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)


def load_catalog(root: Path) -> Catalog:
    """Every component and pipeline under `root`; raises InvalidInput with all problems."""
    problems: list[Problem] = []
    components = _load_components(root, problems)
    entries: dict[str, Entry] = {}
    for path in sorted((root / "pipelines").glob("*.yaml")):
        try:
            entry = load_entry(path.read_text("utf-8"), _shown(path, root), components)
        except InvalidInput as error:
            problems.extend(error.problems)
        else:
            entries[entry.key] = entry
    if problems:
        raise InvalidInput(problems)
    return Catalog(components, entries)


def load_entry(text: str, file: str, components: Mapping[str, Component]) -> Entry:
    """Raises InvalidInput naming file, line, field and fix."""
    source = load_yaml(text, file)
    entry = parse(Entry, source)
    problems = [
        *_check_file_name(entry.name, source),
        *check_pipeline(entry.pipeline, components, entry.inputs, source=source, at="graph"),
    ]
    if problems:
        raise InvalidInput(problems)
    return entry


def _load_components(root: Path, problems: list[Problem]) -> dict[str, Component]:
    components: dict[str, Component] = {}
    for path in sorted((root / "components").glob("*.yaml")):
        source = Source({}, _shown(path, root))
        try:
            source = load_yaml(path.read_text("utf-8"), source.file)
            component = parse(Component, source)
        except InvalidInput as error:
            problems.extend(error.problems)
        else:
            problems.extend(_check_file_name(component.name, source))
            components[component.name] = component
    return components


def _check_file_name(name: str, source: Source) -> list[Problem]:
    stem = Path(source.file).stem
    if not source.file or "/" not in source.file or stem == name:
        return []
    return [source.problem(f"name {name!r} differs from the file's", "name", f"Name it {stem!r}.")]


def _shown(path: Path, root: Path) -> str:
    return str(Path(root.name) / path.relative_to(root))
