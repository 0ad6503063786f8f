"""The running pipeline: its nodes, what they last produced, and how far they are."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from serving.component import AcceptsDocuments, Component, Context, RemembersTexts
from serving.errors import NotReady, ServingError, StartFailed
from serving.file_gate import FileGate
from serving.graph import Graph, WiredNode
from serving.models.llm import Llm
from serving.port_types import Chunk, Chunks, Documents, Port
from serving.reading_report import Reading

P = TypeVar("P", bound=Port)
Values = Mapping[str, Port | None]


@dataclass(frozen=True)
class Contents:
    documents: frozenset[str] = frozenset()
    chunks: frozenset[Chunk] = frozenset()
    readings: Mapping[str, Reading] = field(default_factory=dict)  # by node

    @property
    def skipped(self) -> list[str]:
        """A line each, of what no source and no model has read."""
        return list(dict.fromkeys(line for each in self.readings.values() for line in each.lines()))


class Runtime:
    """The drawing is a function from documents to what is served. Whatever changes the documents
    runs it again, which is cheap since nodes remember; requests see the old result until then.
    """

    def __init__(self, graph: Graph, llm: Llm, data_dir: Path) -> None:
        self.progress = "starting"
        self.failure: ServingError | None = None
        self.graph = graph
        self.llm = llm
        self.contents = Contents()
        self._components = {node.id: self._create(node, data_dir) for node in graph.nodes}
        self._values: Values = {}
        self._running = asyncio.Lock()
        self._asked = 0
        self._answered = 0

    @property
    def sink(self) -> AcceptsDocuments | None:
        nodes = self._components.values()
        return next((node for node in nodes if isinstance(node, AcceptsDocuments)), None)

    @property
    def ready(self) -> bool:
        return bool(self._values)

    async def refresh(self) -> None:
        """Callers that wait while another one runs share the next run."""
        self._asked += 1
        mine = self._asked
        async with self._running:
            if self._answered >= mine:
                return
            covers = self._asked
            await self._run()
            self._answered = covers

    async def refresh_without(self) -> None:
        """After something was taken away, which must not be answered from, come what may."""
        try:
            await self.refresh()
        except ServingError as error:
            self._values, self.contents, self.failure = {}, Contents(), error

    async def close(self) -> None:
        await self.llm.close()

    def provided(self, port: type[P]) -> P:
        if not self.ready:
            raise self._not_ready()
        for source in self.graph.exit.inputs.values():
            if isinstance(value := self._values[source], port):
                return value
        raise NotReady(reason=f"nothing provides {port.type_name()}")

    def _not_ready(self) -> ServingError:
        if self.failure is None:
            return NotReady(reason=self.progress)
        return StartFailed(reason=self.failure.message, fix=self.failure.fix)

    async def _run(self) -> None:
        values: dict[str, Any] = {}
        for node in self.graph.nodes:
            inputs = {port: values[source] for port, source in node.inputs.items()}
            values[node.id] = await self._value(node.id, inputs)
        self._values, self.contents = values, _contents(values)
        self.failure = None
        await self._forget_others()

    async def _value(self, node: str, inputs: Values) -> Any:
        try:
            return await self._components[node].run(**inputs)
        except ServingError as error:
            self._fail(error, node)
            raise
        # A bug in a node must show in /health, and not leave a server that starts forever.
        except Exception:
            self._fail(ServingError(), node)
            raise

    async def _forget_others(self) -> None:
        """A document that was taken away leaves nothing behind."""
        texts = {chunk.found_by for chunk in self.contents.chunks}
        for node in self._components.values():
            if isinstance(node, RemembersTexts):
                await node.keep_only(texts)

    def _fail(self, error: ServingError, node: str) -> None:
        """A failed refresh leaves what is served; a failed start leaves nothing to serve."""
        error.node = node
        if not self.ready:
            self.failure = error

    def _create(self, node: WiredNode, data_dir: Path) -> Component:
        files = FileGate.of(os.environ, data_dir)
        folder = data_dir / "nodes" / node.id
        context = Context(folder, data_dir, self.llm, self._report, files)
        return node.component(node.config, context)

    def _report(self, progress: str) -> None:
        self.progress = progress


def _contents(values: Values) -> Contents:
    documents = [value for value in values.values() if isinstance(value, Documents)]
    chunks = [value for value in values.values() if isinstance(value, Chunks)]
    return Contents(
        frozenset(name for value in documents for name in value.names),
        frozenset(chunk for value in chunks for chunk in value.items),
        {
            node: read
            for node, value in values.items()
            if value is not None and (read := value.reading)
        },
    )
