import type { Connection, Edge, Node } from "@xyflow/react";

import type { Catalog, Component, Draft, DrawnEdge, DrawnNode, Port, Run, Values } from "./types";
import { t } from "./words/words";

export type CanvasNode = Node<{ component: string; config: Values }, "component">;

export const toCanvasNode = (node: DrawnNode): CanvasNode => ({
  id: node.id,
  type: "component",
  position: node.position ?? { x: 0, y: 0 },
  data: { component: node.component, config: node.config ?? {} },
});

export const fromCanvasNode = (node: CanvasNode): DrawnNode => ({
  id: node.id,
  component: node.data.component,
  config: node.data.config,
  position: node.position,
});

export function toCanvasEdge(edge: DrawnEdge, nodes: DrawnNode[], catalog: Catalog): Edge {
  const component = (id: string) =>
    catalog.components[nodes.find((node) => node.id === id)?.component ?? ""];
  const [out, into] = pair(edge, component(edge.source), component(edge.target));
  return canvasEdge(edge.source, out, edge.target, into, component(edge.source));
}

export function canvasEdge(
  source: string,
  sourceHandle: string | null,
  target: string,
  targetHandle: string | null,
  giver?: Component,
): Edge {
  const type = giver?.outputs[sourceHandle ?? ""]?.type ?? "";
  return {
    id: `${source}.${sourceHandle}-${target}.${targetHandle}`,
    source,
    sourceHandle,
    target,
    targetHandle,
    type: "smoothstep",
    style: { stroke: portColor(type) },
  };
}

export const fromCanvasEdge = (edge: Edge): DrawnEdge => ({
  source: edge.source,
  target: edge.target,
  source_port: edge.sourceHandle,
  target_port: edge.targetHandle,
});

/** Ports may be left out where only one pair fits; a canvas needs both. */
function pair(edge: DrawnEdge, from?: Component, to?: Component): [string | null, string | null] {
  for (const [out, port] of Object.entries(from?.outputs ?? {}))
    for (const [into, accepted] of Object.entries(to?.inputs ?? {}))
      if (
        port.type === accepted.type &&
        (edge.source_port ?? out) === out &&
        (edge.target_port ?? into) === into
      )
        return [out, into];
  return [edge.source_port ?? null, edge.target_port ?? null];
}

/** Why these two ports cannot be connected; "" when they can. */
export function whyNot(
  wanted: Connection | Edge,
  nodes: CanvasNode[],
  edges: Edge[],
  catalog: Catalog,
): string {
  const from = find(wanted.source, nodes, catalog);
  const to = find(wanted.target, nodes, catalog);
  const gives = from?.outputs[wanted.sourceHandle ?? ""];
  const takes = to?.inputs[wanted.targetHandle ?? ""];
  if (!from || !to || !gives || !takes) return t("canvas.outputToInput");
  if (wanted.source === wanted.target) return t("canvas.itself");
  if (gives.type !== takes.type)
    return t("canvas.types", { from: from.title, gives: gives.type, to: to.title, takes: takes.type });
  if (edges.some((edge) => edge.target === wanted.target && edge.targetHandle === wanted.targetHandle))
    return t("canvas.taken", { to: to.title, type: takes.type });
  return reaches(wanted.target, wanted.source, edges) ? t("common.circle") : "";
}

function find(id: string, nodes: CanvasNode[], catalog: Catalog): Component | undefined {
  return catalog.components[nodes.find((node) => node.id === id)?.data.component ?? ""];
}

function reaches(from: string, to: string, edges: Edge[]): boolean {
  const waiting = [from];
  const seen = new Set<string>();
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...edges.filter((edge) => edge.source === id).map((edge) => edge.target));
  }
  return false;
}

export function freeId(component: string, nodes: { id: string }[]): string {
  const base = component.replace(/[^a-z0-9]/g, "_");
  const taken = new Set(nodes.map((node) => node.id));
  let number = 1;
  while (taken.has(number === 1 ? base : `${base}_${number}`)) number += 1;
  return number === 1 ? base : `${base}_${number}`;
}

/** Which node a problem's field speaks of: `nodes[2].config.top_k`. */
export function nodeOf(field: string | undefined, draft: Draft): string | undefined {
  const [, kind, index] = /^(nodes|edges)\[(\d+)\]/.exec(field ?? "") ?? [];
  if (kind === "nodes") return draft.nodes[Number(index)]?.id;
  return kind === "edges" ? draft.edges[Number(index)]?.target : undefined;
}

/** Whether a node of the drawing is still what was sent with a run. */
export function isAsSent(id: string, draft: Draft, sent: Run["drawn"]): boolean {
  if (!sent) return true;
  const [now, then] = [draft.nodes, sent.nodes].map((nodes) => nodes.find((node) => node.id === id));
  const told = (node: DrawnNode | undefined, inputs: Values) => canonical([node?.component, node?.config ?? {}, inputs]);
  return now !== undefined && told(now, draft.inputs) === told(then, sent.inputs);
}

/** As JSON whose keys are sorted: what comes back from Windmill has them in another order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each) =>
    each && typeof each === "object" && !Array.isArray(each) ? Object.fromEntries(Object.entries(each).sort()) : each,
  );

/** Which components could stand at the other end of a port, and by which of their ports. */
export function fitting(from: Port, side: "source" | "target", catalog: Catalog): Fit[] {
  return Object.values(catalog.components).flatMap((component) => {
    const ports = side === "source" ? component.inputs : component.outputs;
    const port = Object.keys(ports).find((name) => ports[name]?.type === from.type);
    return port === undefined ? [] : [{ component, port }];
  });
}

/** The edge by which a port would join a node: at `port` where that one fits, else at the first free one that does. */
export function joining(
  from: End,
  node: string,
  port: string | null,
  drawn: { nodes: CanvasNode[]; edges: Edge[] },
  catalog: Catalog,
): Connection | undefined {
  const component = find(node, drawn.nodes, catalog);
  const ports = Object.keys((from.type === "source" ? component?.inputs : component?.outputs) ?? {});
  const ends = [...(port !== null && ports.includes(port) ? [port] : []), ...ports];
  return ends
    .map((each) => connection(from, { node, port: each }))
    .find((wanted) => !whyNot(wanted, drawn.nodes, drawn.edges, catalog));
}

export type End = { node: string; port: string | null; type: "source" | "target" };

export const connection = (from: End, to: Omit<End, "type">): Connection => {
  const [source, target] = from.type === "source" ? [from, to] : [to, from];
  return { source: source.node, sourceHandle: source.port, target: target.node, targetHandle: target.port };
};

const ROOM = { x: 232, y: 96 };
const STEP = 8;

/** The place nearest to the wanted one where a node lies over no other. */
export function freeSpot(wanted: Spot, nodes: CanvasNode[]): Spot {
  const free = (at: Spot) =>
    nodes.every(
      ({ position, measured }) =>
        Math.abs(position.x - at.x) >= ROOM.x ||
        at.y - position.y >= Math.max(ROOM.y, (measured?.height ?? 0) + STEP) ||
        position.y - at.y >= ROOM.y,
    );
  for (let ring = 0; ring <= nodes.length * ROOM.x; ring += STEP * 2)
    for (const [x, y] of AROUND) {
      const at = { x: onGrid(wanted.x + x * ring), y: onGrid(wanted.y + y * ring) };
      if (free(at)) return at;
    }
  return wanted;
}

type Spot = { x: number; y: number };

const onGrid = (length: number) => Math.round(length / STEP) * STEP;
const AROUND: [number, number][] = [[0, 1], [1, 0], [0, -1], [-1, 0], [1, 1], [1, -1], [-1, 1], [-1, -1]];

export type Fit = { component: Component; port: string | null };

const PORT_TYPES = ["documents", "chunks", "vectors", "retriever", "chat", "predictor"];
const MORE_COLORS = 4;

/** A colour for each type; types that came later share a few more. */
export function portColor(type: string): string {
  if (PORT_TYPES.includes(type)) return `var(--port-${type})`;
  const sum = [...type].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return `var(--port-more-${sum % MORE_COLORS})`;
}
