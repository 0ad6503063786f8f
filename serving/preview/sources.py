"""Each source read as it is deployed, but no further than a preview goes."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from serving.component import Component, Config, Context
from serving.errors import ServingError
from serving.file_gate import FileGate
from serving.graph import Kinds, configured
from serving.models.llm import Llm
from serving.pipeline import Node, Pipeline
from serving.port_types import Chunks, Documents, Images, Port, Table
from serving.preview.samples import Sample, sample
from serving.reading_report import Reading

SOURCES = (Documents, Images, Table)
# What goes on after a file or row that cannot be read, so that the others are shown too.
FORGIVING = ("unreadable", "bad_rows")
MOST_FILES = 20


@dataclass(frozen=True)
class Told:
    """`error`: why deploying it would fail; what can be read of it is shown all the same."""

    node: str
    component: str
    error: dict[str, str] | None = None
    reading: Reading | None = None
    sample: Sample | None = None


async def previews(
    pipeline: Pipeline, kinds: Kinds, folder: Path, only: str | None = None
) -> list[Told]:
    """Of each source, and of what splits its documents; of one node alone where it is named."""
    told: list[Told] = []
    for node in pipeline.nodes:
        if _is_source(kinds[node.component]) and _leads_to(pipeline, node, only):
            told += await _of_source(pipeline, node, kinds, folder)
    return [each for each in told if only in (None, each.node)]


def _is_source(component: type[Component]) -> bool:
    given = component.outputs().values()
    return not component.inputs() and any(issubclass(port, SOURCES) for port in given)


def _leads_to(pipeline: Pipeline, source: Node, only: str | None) -> bool:
    return only in {None, source.id, *(node.id for node, _ in _fed_by(pipeline, source))}


async def _of_source(pipeline: Pipeline, node: Node, kinds: Kinds, folder: Path) -> list[Told]:
    component = kinds[node.component]
    config, context = configured(node, component), _context(folder / node.id)
    told = Told(node.id, node.component)
    try:
        value = await component(config, context).run()
    except ServingError as error:
        told = replace(told, error=error.as_dict())
        value = await _forgiving(component, config, context)
    if value is None:
        return [told]
    told = replace(told, reading=value.reading, sample=sample(value))
    return [told, *[each async for each in _splits(pipeline, node, kinds, value, context)]]


async def _forgiving(component: type[Component], config: Config, context: Context) -> Port | None:
    """What there is beside what cannot be read; None where that is nothing."""
    setting = next((name for name in FORGIVING if name in type(config).model_fields), None)
    if setting is None or getattr(config, setting) == "skip":
        return None
    try:
        skipping = config.model_copy(update={setting: "skip"})
        value: Port | None = await component(skipping, context).run()
    except ServingError:
        return None
    return value


async def _splits(
    pipeline: Pipeline, source: Node, kinds: Kinds, value: Port, context: Context
) -> AsyncIterator[Told]:
    for node, port in _fed_by(pipeline, source):
        component = kinds[node.component]
        if list(component.inputs()) == [port] and Chunks in component.outputs().values():
            split = await component(configured(node, component), context).run(**{port: value})
            yield Told(node.id, node.component, sample=sample(split))


def _fed_by(pipeline: Pipeline, source: Node) -> Iterator[tuple[Node, str]]:
    nodes = {node.id: node for node in pipeline.nodes}
    for edge in pipeline.edges:
        if edge.source == source.id and edge.target in nodes:
            yield nodes[edge.target], edge.target_port


def _context(folder: Path) -> Context:
    gate = FileGate.of(os.environ, folder)
    return Context(folder, folder, Llm("", ""), lambda progress: None, gate, MOST_FILES)
