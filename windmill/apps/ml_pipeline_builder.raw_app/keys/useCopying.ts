import { useEffect } from "react";

import { freeId } from "../drawing";
import type { DrawnEdge, DrawnNode } from "../types";
import type { Drawing } from "../useDrawing";
import { t } from "../words/words";

const BESIDE = 40;

type Cut = { nodes: DrawnNode[]; edges: DrawnEdge[] };

/** What is chosen travels as text: to another tab, another drawing, or a colleague's chat. */
export function useCopying(drawing: Drawing, known: Set<string>, tell: (words: string) => void) {
  useEffect(() => {
    const copy = (event: ClipboardEvent) => {
      const cut = chosen(drawing);
      if (isTyping(event) || !cut) return;
      event.clipboardData?.setData("text/plain", JSON.stringify(cut, null, 2));
      event.preventDefault();
      if (event.type === "cut") drawing.nodes.filter(({ selected }) => selected).forEach(({ id }) => drawing.remove(id));
    };
    const paste = (event: ClipboardEvent) => {
      if (isTyping(event)) return;
      const given = read(event.clipboardData?.getData("text/plain") ?? "");
      if (!given) return;
      const fits = given.nodes.filter(({ component }) => known.has(component));
      if (fits.length < given.nodes.length) tell(t("builder.leftOut"));
      drawing.apply(pasted(drawing, { ...given, nodes: fits }));
      event.preventDefault();
    };
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
    };
  });
}

/** With the edges between them; undefined where nothing is chosen. */
function chosen({ draft, nodes }: Drawing): Cut | undefined {
  const ids = new Set(nodes.filter(({ selected }) => selected).map(({ id }) => id));
  if (ids.size === 0) return undefined;
  return {
    nodes: draft.nodes.filter(({ id }) => ids.has(id)),
    edges: draft.edges.filter(({ source, target }) => ids.has(source) && ids.has(target)),
  };
}

/** Text of anybody's: only what has the form of nodes and edges is taken. */
function read(text: string): Cut | undefined {
  try {
    const { nodes, edges = [] } = JSON.parse(text);
    const drawn = (each: any) => typeof each?.id === "string" && typeof each?.component === "string";
    const joined = (each: any) => typeof each?.source === "string" && typeof each?.target === "string";
    return Array.isArray(nodes) && nodes.length > 0 && nodes.every(drawn) && Array.isArray(edges) && edges.every(joined) ? { nodes, edges } : undefined;
  } catch {
    return undefined;
  }
}

/** Beside what is there, under names of its own. */
function pasted({ draft }: Drawing, { nodes, edges }: Cut) {
  const all = [...draft.nodes];
  const names = new Map<string, string>();
  for (const node of nodes) {
    const id = all.some((each) => each.id === node.id) ? freeId(node.component, all) : node.id;
    const { x, y } = node.position ?? { x: 0, y: 0 };
    names.set(node.id, id);
    all.push({ ...node, id, position: { x: x + BESIDE, y: y + BESIDE } });
  }
  const between = edges.filter(({ source, target }) => names.has(source) && names.has(target));
  const added = between.map((edge) => ({ ...edge, source: names.get(edge.source)!, target: names.get(edge.target)! }));
  return { ...draft, nodes: all, edges: [...draft.edges, ...added] };
}

const isTyping = ({ target }: Event) => target instanceof Element && target.closest("input, textarea, [contenteditable=true], pre") !== null;
