import { useCallback, useEffect, useRef, useState } from "react";

import type { Draft } from "./types";

const SETTLES_MS = 250;

/** Unlimited undo and redo. A word typed or a node dragged is one step: it counts once it settles. */
export function useHistory(draft: Draft, apply: (draft: Draft) => void) {
  const past = useRef<Draft[]>([]);
  const future = useRef<Draft[]>([]);
  const settled = useRef(draft);
  const latest = useRef(draft);
  const held = useRef(false);
  latest.current = draft;
  const [, shown] = useState(0);
  const show = () => shown((times) => times + 1);

  const settle = useCallback(() => {
    if (same(settled.current, latest.current)) return;
    past.current.push(settled.current);
    future.current = [];
    settled.current = latest.current;
    show();
  }, []);

  useEffect(() => {
    if (held.current) return;
    const timer = window.setTimeout(settle, SETTLES_MS);
    return () => window.clearTimeout(timer);
  }, [draft, settle]);

  const travel = (from: Draft[], to: Draft[]) => {
    const next = from.pop();
    if (!next) return;
    to.push(settled.current);
    settled.current = next;
    latest.current = next;
    apply(next);
    show();
  };

  return {
    settle,
    /** From here to `release` is one gesture, however long it takes. */
    hold: () => (settle(), (held.current = true)),
    release: () => ((held.current = false), window.setTimeout(settle)),
    undo: () => (settle(), travel(past.current, future.current)),
    redo: () => (settle(), travel(future.current, past.current)),
    /** What was never shown here, but can be brought back. */
    remember: (other: Draft) => (past.current.push(other), show()),
    canUndo: past.current.length > 0,
    canRedo: future.current.length > 0,
  };
}

export const same = (one: Draft, other: Draft) => JSON.stringify(one) === JSON.stringify(other);
