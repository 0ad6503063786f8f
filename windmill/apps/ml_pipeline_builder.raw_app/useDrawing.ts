import { addEdge, useEdgesState, useNodesState, useReactFlow, type Connection, type XYPosition } from "@xyflow/react";
import { useCallback, useMemo, useState } from "react";

import {
  canvasEdge,
  freeId,
  fromCanvasEdge,
  fromCanvasNode,
  toCanvasEdge,
  toCanvasNode,
  type CanvasNode,
} from "./drawing";
import type { Catalog, Draft, Values } from "./types";

type Rest = Omit<Draft, "nodes" | "edges">;

/** The draft as the canvas edits it. */
export function useDrawing(first: Draft, catalog: Catalog) {
  const [nodes, setNodes, onNodesChange] = useNodesState<CanvasNode>(first.nodes.map(toCanvasNode));
  const [edges, setEdges, onEdgesChange] = useEdgesState(
    first.edges.map((edge) => toCanvasEdge(edge, first.nodes, catalog)),
  );
  const [rest, setRest] = useState<Rest>(first);
  const flow = useReactFlow();

  const draft = useMemo<Draft>(
    () => ({ ...rest, nodes: nodes.map(fromCanvasNode), edges: edges.map(fromCanvasEdge) }),
    [rest, nodes, edges],
  );

  const change = useCallback((changed: Partial<Draft>) => setRest((old) => ({ ...old, ...changed })), []);

  const replace = (next: Draft) => {
    setNodes(next.nodes.map(toCanvasNode));
    setEdges(next.edges.map((edge) => toCanvasEdge(edge, next.nodes, catalog)));
    setRest(next);
    window.requestAnimationFrame(() => void flow.fitView({ padding: 0.2, maxZoom: 1 }));
  };

  const add = (component: string, position?: XYPosition) => {
    const middle = flow.screenToFlowPosition({ x: window.innerWidth / 2, y: window.innerHeight / 2 });
    const id = freeId(component, nodes);
    const place = position ?? { x: middle.x - 116, y: middle.y + 32 };
    const added = { ...toCanvasNode({ id, component, position: place }), selected: true };
    setNodes((all) => [...all.map((node) => ({ ...node, selected: false })), added]);
  };

  const connect = (made: Connection) => {
    const giver = catalog.components[nodes.find((node) => node.id === made.source)?.data.component ?? ""];
    setEdges((all) => addEdge(canvasEdge(made.source, made.sourceHandle, made.target, made.targetHandle, giver), all));
  };

  const configure = (id: string, config: Values) =>
    setNodes((all) => all.map((node) => (node.id === id ? { ...node, data: { ...node.data, config } } : node)));

  const remove = (id: string) => void flow.deleteElements({ nodes: [{ id }] });

  const select = (id: string) =>
    setNodes((all) => all.map((node) => ({ ...node, selected: node.id === id })));

  const selected = nodes.find((node) => node.selected);
  return {
    draft, nodes, edges, selected, onNodesChange, onEdgesChange,
    change, replace, add, connect, configure, remove, select,
  };
}

export type Drawing = ReturnType<typeof useDrawing>;
