import { useEffect, useMemo, useRef, useState } from "react";

import type { Catalog, Draft, Problem } from "../types";
import type { Drawing } from "../useDrawing";
import { loadEntry, type InGit } from "./entries";
import type { EntryOfText, EntryState } from "./ofText";
import { readPipeline, writePipeline } from "./pipelineText";

const SETTLES_MS = 200;
// Writing a thousand nodes takes as long as a person notices: not after each stroke then.
const MANY = 200;
const MANY_SETTLE_MS = 2000;

/** The drawing as an entry of the catalog: its text, beside the canvas and in Git. */
export function useEntry(drawing: Drawing, catalog: Catalog): EntryOfText {
  const { draft } = drawing;
  const [shown, setShown] = useState(false);
  const [broken, setBroken] = useState<Broken>();
  const latest = useRef(draft);
  latest.current = draft;
  const [text, settle] = useSettled(() => (latest.current.source ? writePipeline(latest.current, catalog) : ""), [draft], draft.nodes.length > MANY ? MANY_SETTLE_MS : SETTLES_MS);
  const source = draft.source;
  const key = `pipelines/${draft.name}`;

  const keep = (inGit: InGit | undefined, key: string) => {
    const from = inGit ? opened(inGit, latest.current, catalog) : undefined;
    drawing.change({ source: from ?? { key, commit: null, base: "", text: fresh(latest.current, catalog), places: places(latest.current) } });
  };
  /** The entry of that name where Git has one; else it begins to be one. */
  const begin = async () => {
    const key = `pipelines/${latest.current.name}`;
    if (!latest.current.source) keep(await loadEntry(key).catch(() => undefined), key);
  };
  const show = async () => {
    setShown(!shown);
    if (!shown) await begin();
  };

  const type = (typed: string) => {
    const read = readPipeline(typed, latest.current, catalog);
    if ("problems" in read) return setBroken({ text: typed, problems: read.problems });
    setBroken(undefined);
    drawing.apply(read.draft);
  };
  /** Another text, of Git or of a file: all that it says is shown. Raises what cannot be drawn. */
  const take = (inGit: { text: string; commit?: string | null; key?: string }, base = inGit.text) => {
    const read = readPipeline(inGit.text, { ...latest.current, nodes: [] }, catalog);
    if ("problems" in read) return read.problems;
    const of = { key: inGit.key ?? source?.key ?? "", commit: inGit.commit ?? source?.commit ?? null, base };
    setBroken(undefined);
    drawing.apply({ ...read.draft, source: { ...read.draft.source!, ...of } });
    return [];
  };
  const saved = (commit: string, key: string, as: string) =>
    drawing.change({ source: { ...latest.current.source!, key, commit, base: as } });

  useLeaveGuard(broken !== undefined);
  const state: EntryState = !source ? "drawing" : source.commit === null || source.key !== key ? "new" : text && text !== source.base ? "changed" : "saved";
  return { key, state, text, settle, source, shown, show, begin, type, take, saved, broken, drop: () => setBroken(undefined) };
}

type Broken = { text: string; problems: Problem[] };

/** What is drawn already, in the words that Git has for the rest. */
function opened({ key, text, commit }: InGit, draft: Draft, catalog: Catalog): Draft["source"] {
  const read = readPipeline(text, draft, catalog);
  return "problems" in read ? undefined : { ...read.draft.source!, key, commit, base: text };
}

const fresh = (draft: Draft, catalog: Catalog) => writePipeline({ ...draft, source: undefined }, catalog);

const places = ({ nodes }: Draft) => Object.fromEntries(nodes.flatMap(({ id, position }) => (position ? [[id, position]] : [])));

/** The value once what it is made of rests, and how to have it at once. */
function useSettled<T>(value: () => T, on: unknown[], rest: number): [T, () => void] {
  const first = useMemo(value, []);
  const [settled, setSettled] = useState(first);
  const settle = () => setSettled(value());
  useEffect(() => {
    const timer = window.setTimeout(settle, rest);
    return () => window.clearTimeout(timer);
  }, on);
  return [settled, settle];
}

/** A text that cannot be read is kept nowhere: whoever leaves is asked. */
export function useLeaveGuard(on: boolean) {
  useEffect(() => {
    if (!on) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [on]);
}
