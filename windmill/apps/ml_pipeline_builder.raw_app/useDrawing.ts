import { addEdge, useEdgesState, useNodesState, useReactFlow, type Connection, type XYPosition } from "@xyflow/react";
import { useCallback, useMemo, useState } from "react";

import {
  canvasEdge,
  freeId,
  freeSpot,
  fromCanvasEdge,
  fromCanvasNode,
  toCanvasEdge,
  toCanvasNode,
  type CanvasNode,
} from "./drawing";
import { layered } from "./layered";
import type { Catalog, Draft, Values } from "./types";

type Rest = Omit<Draft, "nodes" | "edges">;

const restOf = ({ nodes: _nodes, edges: _edges, ...rest }: Draft): Rest => rest;

/** The draft as the canvas edits it. */
export function useDrawing(first: Draft, catalog: Catalog) {
  const [nodes, setNodes, onNodesChange] = useNodesState<CanvasNode>(first.nodes.map(toCanvasNode));
  const [edges, setEdges, onEdgesChange] = useEdgesState(
    first.edges.map((edge) => toCanvasEdge(edge, first.nodes, catalog)),
  );
  const [rest, setRest] = useState<Rest>(restOf(first));
  const flow = useReactFlow();

  const draft = useMemo<Draft>(
    () => ({ ...rest, nodes: nodes.map(fromCanvasNode), edges: edges.map(fromCanvasEdge) }),
    [rest, nodes, edges],
  );

  const change = useCallback((changed: Partial<Draft>) => setRest((old) => ({ ...old, ...changed })), []);

  /** Another state of the same drawing; what is chosen stays chosen. */
  const apply = (next: Draft) => {
    setNodes((old) => {
      const before = new Map(old.map((node) => [node.id, node]));
      return next.nodes.map((node) => ({ ...before.get(node.id), ...toCanvasNode(node) }));
    });
    setEdges(next.edges.map((edge) => toCanvasEdge(edge, next.nodes, catalog)));
    setRest(restOf(next));
  };

  const replace = (next: Draft) => {
    apply(next);
    window.setTimeout(() => void flow.fitView({ padding: 0.08, maxZoom: 1 }), 50);
  };

  const add = (component: string, position?: XYPosition): string => {
    const middle = flow.screenToFlowPosition({ x: window.innerWidth / 2, y: window.innerHeight / 2 });
    const id = freeId(component, nodes);
    const place = position ?? freeSpot({ x: middle.x - 104, y: middle.y - 32 }, nodes);
    const added = { ...toCanvasNode({ id, component, position: place }), selected: true };
    setNodes((all) => [...all.map((node) => ({ ...node, selected: false })), added]);
    return id;
  };

  const connect = (made: Connection, giver?: string) => {
    const name = giver ?? nodes.find((node) => node.id === made.source)?.data.component ?? "";
    const drawn = canvasEdge(made.source, made.sourceHandle, made.target, made.targetHandle, catalog.components[name]);
    setEdges((all) => addEdge(drawn, all));
  };

  const configure = (id: string, config: Values) =>
    setNodes((all) => all.map((node) => (node.id === id ? { ...node, data: { ...node.data, config } } : node)));

  /** Everything that speaks of it follows. */
  const rename = (id: string, next: string) => {
    setNodes((all) => all.map((node) => (node.id === id ? { ...node, id: next } : node)));
    const follows = (end: string) => (end === id ? next : end);
    setEdges((all) => all.map((edge) => ({ ...edge, source: follows(edge.source), target: follows(edge.target) })));
  };

  const remove = (id: string) => void flow.deleteElements({ nodes: [{ id }] });

  const duplicate = () => {
    const original = nodes.find((node) => node.selected);
    if (!original) return;
    const { x, y } = original.position;
    configure(add(original.data.component, { x: x + 32, y: y + 72 }), original.data.config);
  };

  const select = (id: string) => {
    setNodes((all) => all.map((node) => ({ ...node, selected: node.id === id })));
    if (id) void flow.fitView({ nodes: [{ id }], maxZoom: flow.getZoom(), duration: 160 });
  };

  /** From left to right as data flows, by the sizes that nodes have. */
  const arrange = () => {
    const sized = nodes.map(({ id, measured }) => ({ id, width: measured?.width ?? 208, height: measured?.height ?? 72 }));
    const spots = layered(sized, edges.map(({ source, target }) => ({ from: source, to: target })));
    setNodes((all) => all.map((node) => ({ ...node, position: spots.get(node.id) ?? node.position })));
    window.setTimeout(() => void flow.fitView({ padding: 0.08, maxZoom: 1 }), 50);
  };

  const selected = nodes.find((node) => node.selected);
  return {
    draft, nodes, edges, selected, onNodesChange, onEdgesChange,
    apply, change, replace, add, connect, configure, rename, remove, duplicate, select, arrange,
  };
}

export type Drawing = ReturnType<typeof useDrawing>;
