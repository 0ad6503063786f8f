import { parseDocument } from "yaml";

import { fromCanvasEdge, fromCanvasNode, toCanvasEdge, toCanvasNode } from "../drawing";
import { fromTemplate } from "../layout";
import type { Catalog, Draft, DrawnEdge, DrawnNode, Problem, Template } from "../types";
import { patched } from "./patch";
import { isRecord, READ, same, type Values } from "./values";
import { problemsOf } from "./wrong";

export const BEGUN = `kind: pipeline
name: my-pipeline
version: 0.1.0
summary: ''
graph:
  nodes: []
  edges: []
outputs: {endpoint_url: '\${deployment.endpoint_url}'}
`;

export type Read = { draft: Draft } | { problems: Problem[] };

/** What a text draws; the values, the target and the places of `before` stay where it says nothing else. */
export function readPipeline(text: string, before: Draft, catalog: Catalog): Read {
  const problems = problemsOf(text);
  if (problems.length > 0) return { problems };
  const entry = parseDocument(text, READ).toJS() as Template & { graph: { nodes: DrawnNode[] } };
  const own = new Map(entry.graph.nodes.map(({ id, position }) => [id, position]));
  const draft = asOnCanvas(fromTemplate(entry, before.target), catalog);
  const stays = new Map(before.nodes.map(({ id, position }) => [id, position]));
  const nodes = draft.nodes.map((node) => ({ ...node, position: own.get(node.id) ?? stays.get(node.id) ?? node.position }));
  const places = Object.fromEntries(nodes.flatMap(({ id, position }) => (own.get(id) || !position ? [] : [[id, position]])));
  const inputs = { ...draft.inputs, ...before.inputs };
  const source = { key: "", commit: null, base: "", ...before.source, text, places };
  return { draft: { ...before, ...draft, notes: draft.notes, inputs, nodes, source } };
}

/** The drawing in its own text, of which only what was changed on the canvas is written. */
export function writePipeline(draft: Draft, catalog: Catalog): string {
  const text = draft.source?.text ?? BEGUN;
  const entry = parseDocument(text, READ).toJS() as Values;
  if (!isRecord(entry?.graph)) return text;
  const then = asOnCanvas({ ...draft, ...fromTemplate(entry as unknown as Template, draft.target) }, catalog);
  const graph = { ...entry.graph, nodes: nodesOf(draft, then, entry.graph), edges: edgesOf(draft, then, entry.graph, catalog) };
  const wanted: Values = { ...entry, name: draft.name, graph: "edges" in entry.graph || graph.edges.length > 0 ? graph : without(graph, "edges") };
  for (const [field, is] of [["inputs", draft.declared], ["compute", draft.compute]] as const)
    if (!same(entry[field] ?? {}, is)) wanted[field] = is;
  const { notes = [] } = draft;
  return patched(text, notes.length > 0 ? { ...wanted, notes } : without(wanted, "notes"));
}

/** As the canvas has it, which names the ports and settings that a text leaves out. */
export function asOnCanvas(draft: Draft, catalog: Catalog): Draft {
  const edges = draft.edges.map((edge) => fromCanvasEdge(toCanvasEdge(edge, draft.nodes, catalog)));
  return { ...draft, nodes: draft.nodes.map((node) => fromCanvasNode(toCanvasNode(node))), edges };
}

function nodesOf(draft: Draft, then: Draft, graph: Values): unknown[] {
  const written = new Map((graph.nodes as Values[]).map((node) => [node.id, node]));
  const before = new Map(then.nodes.map((node) => [node.id, node]));
  return draft.nodes.map((node) => {
    const old = written.get(node.id);
    const changed: Values = { ...old, id: node.id, component: node.component };
    if (!same(before.get(node.id)?.config ?? {}, node.config ?? {})) changed.config = node.config;
    const placed = draft.source?.places[node.id];
    if (node.position && !same(old?.position ?? placed, node.position)) changed.position = rounded(node.position);
    return changed;
  });
}

const rounded = ({ x, y }: { x: number; y: number }) => ({ x: Math.round(x), y: Math.round(y) });

function edgesOf(draft: Draft, then: Draft, graph: Values, catalog: Catalog): unknown[] {
  const written = (graph.edges ?? []) as unknown[];
  const before = new Map(then.edges.map((edge, index) => [joined(edge), written[index]]));
  return draft.edges.map((edge) => before.get(joined(edge)) ?? shortest(edge, draft.nodes, catalog));
}

const joined = ({ source, source_port, target, target_port }: DrawnEdge) => JSON.stringify([source, source_port, target, target_port]);

/** Ports are named only where another pair would be taken without. */
function shortest(edge: DrawnEdge, nodes: DrawnNode[], catalog: Catalog): DrawnEdge {
  const short = { source: edge.source, target: edge.target };
  return joined(fromCanvasEdge(toCanvasEdge(short, nodes, catalog))) === joined(edge) ? short : edge;
}

function without(values: Values, name: string): Values {
  const { [name]: _, ...rest } = values;
  return rest;
}
