"""From the drawing to checked wiring: every mistake is found before anything runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from pydantic import ValidationError

from serving import pipeline_errors
from serving.component import Component, Config
from serving.pipeline import Edge, Node, Pipeline
from serving.port_types import Port

Kinds = Mapping[str, type[Component]]


@dataclass(frozen=True)
class WiredNode:
    id: str
    component: type[Component]
    config: Config
    inputs: Mapping[str, str]  # port → the node it comes from


@dataclass(frozen=True)
class Graph:
    nodes: tuple[WiredNode, ...]  # each after those it needs
    exit: WiredNode

    @property
    def served(self) -> set[type[Port]]:
        """What arrives at the exit, and so what the API can offer."""
        sources = set(self.exit.inputs.values())
        nodes = [node for node in self.nodes if node.id in sources]
        return {port for node in nodes for port in node.component.outputs().values()}

    @property
    def asks_llm(self) -> bool:
        return any(node.component.asks_llm() for node in self.nodes)


def wire(pipeline: Pipeline, kinds: Kinds) -> Graph:
    components = _components(pipeline, kinds)
    inputs: dict[str, dict[str, str]] = {node: {} for node in components}
    for edge in pipeline.edges:
        _check_edge(edge, components)
        if edge.target_port in inputs[edge.target]:
            raise pipeline_errors.PortTaken(node=edge.target, port=edge.target_port)
        inputs[edge.target][edge.target_port] = edge.source
    configs = {node.id: configured(node, components[node.id]) for node in pipeline.nodes}
    nodes = tuple(WiredNode(id, components[id], configs[id], inputs[id]) for id in _order(inputs))
    for node in nodes:
        _check_connected(node)
    return Graph(nodes, _exit(nodes, kinds))


def _components(pipeline: Pipeline, kinds: Kinds) -> dict[str, type[Component]]:
    components: dict[str, type[Component]] = {}
    for node in pipeline.nodes:
        if node.id in components:
            raise pipeline_errors.DuplicateNode(node=node.id)
        if node.component not in kinds:
            raise pipeline_errors.UnknownComponent(
                node=node.id, component=node.component, known=_names(kinds)
            )
        components[node.id] = kinds[node.component]
    return components


def configured(node: Node, component: type[Component]) -> Config:
    """Raises BadConfig."""
    try:
        return component.Config.model_validate(node.config)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "config"
        raise pipeline_errors.BadConfig(
            node=node.id, component=node.component, field=field, reason=first["msg"]
        ) from error


def _check_edge(edge: Edge, components: Mapping[str, type[Component]]) -> None:
    for end in (edge.source, edge.target):
        if end not in components:
            raise pipeline_errors.UnknownNode(edge=edge, node=end, known=_names(components))
    source, target = components[edge.source], components[edge.target]
    outputs, inputs = source.outputs(), target.inputs()
    if edge.source_port not in outputs:
        raise _unknown_port(edge, edge.source, source, "output", edge.source_port, outputs)
    if edge.target_port not in inputs:
        raise _unknown_port(edge, edge.target, target, "input", edge.target_port, inputs)
    have, want = outputs[edge.source_port], inputs[edge.target_port].type
    if not issubclass(have, want):
        raise pipeline_errors.PortMismatch(
            edge=edge,
            source=f'output "{edge.source_port}" of node "{edge.source}"',
            source_type=have.type_name(),
            target=f'input "{edge.target_port}" of node "{edge.target}"',
            target_type=want.type_name(),
        )


def _unknown_port(
    edge: Edge,
    node: str,
    component: type[Component],
    side: str,
    port: str,
    known: Mapping[str, object],
) -> pipeline_errors.UnknownPort:
    return pipeline_errors.UnknownPort(
        edge=edge, node=node, component=component.kind, side=side, port=port, known=_names(known)
    )


def _check_connected(node: WiredNode) -> None:
    for name, port in node.component.inputs().items():
        if not port.optional and name not in node.inputs:
            raise pipeline_errors.PortOpen(
                node=node.id, component=node.component.kind, port=name, type=port.type.type_name()
            )


def _order(inputs: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    sorter = TopologicalSorter({node: sources.values() for node, sources in inputs.items()})
    try:
        return tuple(sorter.static_order())
    except CycleError as error:
        raise pipeline_errors.Cycle(path=" → ".join(error.args[1])) from error


def _exit(nodes: tuple[WiredNode, ...], kinds: Kinds) -> WiredNode:
    exits = [node for node in nodes if not node.component.outputs()]
    if len(exits) != 1:
        known = _names(kind for kind, component in kinds.items() if not component.outputs())
        raise pipeline_errors.NoSingleExit(count=len(exits), known=known)
    _check_serves(exits[0])
    return exits[0]


def _check_serves(exit: WiredNode) -> None:
    if not exit.inputs:
        types = _names(port.type.type_name() for port in exit.component.inputs().values())
        raise pipeline_errors.NothingServed(
            node=exit.id, component=exit.component.kind, types=types
        )


def _names(values: Iterable[str]) -> str:
    return ", ".join(sorted(values)) or "none"
