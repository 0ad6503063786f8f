import type { Connection, Edge } from "@xyflow/react";

import { connection, whyNot, type CanvasNode, type End } from "../drawing";
import type { Catalog } from "../types";

export type Side = End["type"];
export type Other = { node: string; port: string | null };

const ROW = 48;

/** From left to right and from top to bottom, as one reads the canvas. */
export const inReadingOrder = (nodes: CanvasNode[]): CanvasNode[] =>
  [...nodes].sort(({ position: one }, { position: other }) => one.x - other.x || Math.round((one.y - other.y) / ROW) || 0);

/** What is at the other ends of a port's edges. */
export function joinedAt(node: string, port: string, side: Side, edges: Edge[]): { edge: string; end: Other }[] {
  if (side === "target")
    return edges.flatMap(({ id, source, sourceHandle, target, targetHandle }) => (target === node && targetHandle === port ? [{ edge: id, end: { node: source, port: sourceHandle ?? null } }] : []));
  return edges.flatMap(({ id, source, sourceHandle, target, targetHandle }) => (source === node && sourceHandle === port ? [{ edge: id, end: { node: target, port: targetHandle ?? null } }] : []));
}

/** Where an edge could go from here: only what a gesture on the canvas could join, too. */
export function freeEnds(from: End, { nodes, edges }: { nodes: CanvasNode[]; edges: Edge[] }, catalog: Catalog): Other[] {
  return inReadingOrder(nodes).flatMap(({ id, data }) => {
    const component = catalog.components[data.component];
    const ports = Object.keys((from.type === "source" ? component?.inputs : component?.outputs) ?? {});
    return ports.map((port) => ({ node: id, port })).filter((end) => whyNot(connection(from, end), nodes, edges, catalog) === "");
  });
}

export const asText = ({ node, port }: Other): string => (port ? `${node} · ${port}` : node);

/** `chosen`: an end as it was offered. */
export const asEnd = (from: End, chosen: string): Connection => connection(from, JSON.parse(chosen) as Other);
