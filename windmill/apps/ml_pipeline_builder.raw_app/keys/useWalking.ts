import { useEffect } from "react";

import type { Drawing } from "../useDrawing";

type Key = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";
type Spot = { id: string; position: { x: number; y: number } };

/** Along the edges by left and right, to what stands above or below by up and down. With Shift or Alt a node moves. */
export function useWalking(drawing: Drawing) {
  useEffect(() => {
    const walk = (event: KeyboardEvent) => {
      const { key, target } = event;
      if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey || !key.startsWith("Arrow")) return;
      const onCanvas = target === document.body || (target instanceof Element && target.closest(".react-flow__node, .react-flow__pane, .react-flow") !== null);
      const from = drawing.selected ?? drawing.nodes[0];
      if (!onCanvas || !from) return;
      event.preventDefault();
      event.stopPropagation();
      const to = drawing.selected ? next(from, key as Key, drawing) : from;
      if (!to) return;
      drawing.select(to.id);
      document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(to.id)}"]`)?.focus();
    };
    // Before React Flow, which would move the node.
    document.addEventListener("keydown", walk, true);
    return () => document.removeEventListener("keydown", walk, true);
  });
}

function next(from: Spot, key: Key, { nodes, edges }: Drawing): Spot | undefined {
  const others = nodes.filter(({ id }) => id !== from.id);
  const along = edges.filter((edge) => (key === "ArrowRight" ? edge.source : edge.target) === from.id);
  const joined = new Set(along.map((edge) => (key === "ArrowRight" ? edge.target : edge.source)));
  if (key === "ArrowRight" || key === "ArrowLeft") return nearest(from, others.filter(({ id }) => joined.has(id)));
  const way = key === "ArrowDown" ? 1 : -1;
  return nearest(from, others.filter(({ position }) => (position.y - from.position.y) * way > 0));
}

const nearest = (from: Spot, spots: Spot[]): Spot | undefined => [...spots].sort((one, other) => distance(from, one) - distance(from, other))[0];

const distance = (one: Spot, other: Spot) => Math.hypot(one.position.x - other.position.x, one.position.y - other.position.y);
