"""Checks a drawn pipeline against the component catalog, before anything is started."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..base.cycles import OF_NODES
from ..base.errors import Problem
from ..base.names import did_you_mean
from ..base.reference import input_name, references, resolve
from ..base.short_form import ShortForm, with_defaults
from ..base.source import Source
from ..base.topology import find_cycle
from ..schemas.values import check_values
from .component import Component
from .pipeline import Edge, Node, Pipeline
from .rules import broken_rules

Components = Mapping[str, Component]


def check_pipeline(
    pipeline: Pipeline,
    components: Components,
    inputs: ShortForm | None = None,
    values: Mapping[str, Any] | None = None,
    source: Source | None = None,
    at: str = "",
) -> list[Problem]:
    """Every problem of the drawing; [] when it can be deployed.

    `inputs` declares what `${inputs.x}` may name. With `values`, references are resolved and
    settings checked as they will be; without, settings that hold references are left alone.
    """
    check = _Check(pipeline, components, source or Source({}), f"{at}." if at else "")
    problems = [*check.duplicates(), *check.nodes(inputs or {}, values), *check.edges()]
    if not problems:
        problems = [*check.connections(), *check.cycle()] or [*check.exits()]
    return problems


def connect(edge: Edge, pipeline: Pipeline, components: Components) -> Edge:
    """The edge with both ports named; raises ValueError where no single pair fits."""
    outputs = components[pipeline.node(edge.source).component].outputs
    inputs = components[pipeline.node(edge.target).component].inputs
    pairs = [
        (out, into)
        for out, port in outputs.items()
        for into, accepted in inputs.items()
        if port.type == accepted.type
        and edge.source_port in (None, out)
        and edge.target_port in (None, into)
    ]
    if len(pairs) != 1:
        raise ValueError(_no_single_pair(edge, pairs, outputs, inputs))
    return edge.model_copy(update={"source_port": pairs[0][0], "target_port": pairs[0][1]})


def normalize(
    pipeline: Pipeline, components: Components, values: Mapping[str, Any] | None = None
) -> Pipeline:
    """References resolved, defaults filled in, ports named: what is deployed and hashed."""
    nodes = tuple(
        _settled(node, components[node.component], values or {}) for node in pipeline.nodes
    )
    edges = tuple(connect(edge, pipeline, components) for edge in pipeline.edges)
    return pipeline.model_copy(update={"nodes": nodes, "edges": edges})


def _settled(node: Node, component: Component, values: Mapping[str, Any]) -> Node:
    resolved = {k: v for k, v in resolve(node.config, values).items() if v is not None}
    return node.model_copy(update={"config": with_defaults(component.config, resolved)})


def _known(node: Node, values: Mapping[str, Any]) -> dict[str, Any]:
    """Its settings as far as these inputs tell them."""
    return {
        name: resolve(setting, values)
        for name, setting in node.config.items()
        if all(values.get(input_name(each) or "") is not None for _, each in references(setting))
    }


def _no_single_pair(
    edge: Edge, pairs: list[tuple[str, str]], outputs: Mapping[str, Any], inputs: Mapping[str, Any]
) -> str:
    if pairs:
        return "several ports fit; name source_port and target_port"
    gives = ", ".join(f"{name} ({port.type})" for name, port in outputs.items()) or "nothing"
    takes = ", ".join(f"{name} ({port.type})" for name, port in inputs.items()) or "nothing"
    return f"{edge.source} gives {gives}; {edge.target} takes {takes}"


@dataclass(frozen=True)
class _Check:
    pipeline: Pipeline
    components: Components
    source: Source
    prefix: str

    def problem(self, code: str, message: str, field: str, fix: str = "") -> Problem:
        return self.source.problem(message, self.prefix + field, fix, code)

    def duplicates(self) -> Iterator[Problem]:
        counts = Counter(node.id for node in self.pipeline.nodes)
        for index, node in enumerate(self.pipeline.nodes):
            if counts[node.id] > 1:
                message = f"node id {node.id!r} is used {counts[node.id]} times"
                yield self.problem("E-CAT-002", message, f"nodes[{index}].id", "Rename one.")

    def nodes(self, inputs: ShortForm, values: Mapping[str, Any] | None) -> Iterator[Problem]:
        for index, node in enumerate(self.pipeline.nodes):
            field = f"nodes[{index}]"
            component = self.components.get(node.component)
            if component is None:
                message = f"component {node.component!r} of node {node.id!r} does not exist"
                fix = did_you_mean(node.component, self.components)
                yield self.problem("E-CAT-003", message, f"{field}.component", fix)
                continue
            yield from self.references(node, f"{field}.config", inputs)
            yield from self.settings(node, component, f"{field}.config", inputs, values)

    def references(self, node: Node, field: str, inputs: ShortForm) -> Iterator[Problem]:
        for where, reference in references(node.config):
            name = input_name(reference)
            if name is None:
                fix = "Use ${inputs.NAME}; write $${ for a literal ${."
                message = f"${{{reference.text}}} cannot be used here"
                yield self.problem("E-CAT-004", message, f"{field}.{where}", fix)
            elif name not in inputs:
                message = f"input {name!r} is not declared"
                fix = did_you_mean(name, inputs)
                yield self.problem("E-CAT-004", message, f"{field}.{where}", fix)

    def settings(
        self,
        node: Node,
        component: Component,
        field: str,
        inputs: ShortForm,
        values: Mapping[str, Any] | None,
    ) -> Iterator[Problem]:
        open_fields = {w.split(".")[0].split("[")[0] for w, _ in references(node.config)}
        given: Mapping[str, Any] = node.config
        if values is not None:
            resolved = resolve(node.config, with_defaults(inputs, values))
            given = {key: value for key, value in resolved.items() if value is not None}
            open_fields = set()
        wrong = [
            each
            for each in check_values(component.config, given)
            if each[0].split(".")[0].split("[")[0] not in open_fields
        ]
        if not wrong:
            known = _known(node, with_defaults(inputs, values or {}))
            wrong = broken_rules(component.rules, with_defaults(component.config, known))
        for name, message, fix in wrong:
            words = f"{name} of node {node.id!r}: {message}"
            yield self.problem("E-CAT-005", words, f"{field}.{name}", fix)

    def edges(self) -> Iterator[Problem]:
        ids = {node.id for node in self.pipeline.nodes}
        drawable = {n.id for n in self.pipeline.nodes if n.component in self.components}
        for index, edge in enumerate(self.pipeline.edges):
            field = f"edges[{index}]"
            ends = (("source", edge.source), ("target", edge.target))
            missing = [(side, end) for side, end in ends if end not in ids]
            for side, end in missing:
                fix = did_you_mean(end, ids)
                message = f"edge {edge}: there is no node {end!r}"
                yield self.problem("E-CAT-006", message, f"{field}.{side}", fix)
            if not missing and {edge.source, edge.target} <= drawable:
                yield from self.ports(edge, field)

    def ports(self, edge: Edge, field: str) -> Iterator[Problem]:
        try:
            connect(edge, self.pipeline, self.components)
        except ValueError as error:
            message = f"edge {edge} does not fit: {error}"
            fix = "Connect an output to an input of the same type."
            yield self.problem("E-CAT-007", message, field, fix)

    def exits(self) -> Iterator[Problem]:
        """What serves is one program with one address."""
        exits = [
            index
            for index, node in enumerate(self.pipeline.nodes)
            if not self.components[node.component].outputs
        ]
        if len(exits) > 1:
            message = f"a pipeline ends in one API endpoint, this one has {len(exits)}"
            fix = "Keep one, and connect to it what is served."
            yield self.problem("E-CAT-008", message, f"nodes[{exits[1]}]", fix)

    def connections(self) -> Iterator[Problem]:
        edges = [connect(edge, self.pipeline, self.components) for edge in self.pipeline.edges]
        taken = Counter((edge.target, edge.target_port) for edge in edges)
        for index, node in enumerate(self.pipeline.nodes):
            component = self.components[node.component]
            if not component.outputs and not any(taken[node.id, name] for name in component.inputs):
                yield self.serves_nothing(node, component, f"nodes[{index}]")
                continue
            for name, port in component.inputs.items():
                count = taken[node.id, name]
                if count == 0 and not port.optional:
                    message = f"input {name!r} of node {node.id!r} is not connected"
                    fix = self.provider_of(port.type)
                    yield self.problem("E-CAT-008", message, f"nodes[{index}]", fix)
                elif count > 1:
                    message = f"input {name!r} of node {node.id!r} has {count} edges"
                    yield self.problem("E-CAT-008", message, f"nodes[{index}]", "Keep one.")

    def serves_nothing(self, node: Node, component: Component, field: str) -> Problem:
        message = f"nothing is connected to node {node.id!r}, so it has nothing to serve"
        fix = self.provider_of(*(port.type for port in component.inputs.values()))
        return self.problem("E-CAT-008", message, field, fix)

    def provider_of(self, *port_types: str) -> str:
        givers = [
            name
            for name, component in self.components.items()
            if any(port.type in port_types for port in component.outputs.values())
        ]
        return f"Connect a {' or '.join(sorted(givers))} to it." if givers else ""

    def cycle(self) -> Iterator[Problem]:
        path = find_cycle(targets_of(self.pipeline))
        if path:
            index = next(i for i, e in enumerate(self.pipeline.edges) if e.source == path[-2])
            yield OF_NODES.problem(path, self.source, f"{self.prefix}edges[{index}]")


def targets_of(pipeline: Pipeline) -> dict[str, list[str]]:
    """The nodes that the edges of each one lead to."""
    targets: dict[str, list[str]] = {node.id: [] for node in pipeline.nodes}
    for edge in pipeline.edges:
        targets[edge.source].append(edge.target)
    return targets
