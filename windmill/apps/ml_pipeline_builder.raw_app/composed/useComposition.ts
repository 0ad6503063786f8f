import { useEffect, useMemo, useRef, useState } from "react";

import type { InGit } from "../entry/entries";
import type { EntryOfText } from "../entry/ofText";
import { useLeaveGuard } from "../entry/useEntry";
import { placeOfField, problemsOfYaml } from "../entry/wrong";
import type { Problem } from "../types";
import { read, whyNotDrawn } from "./composition";
import { keptText, keepText, type Kept } from "./kept";

/** An entry of steps: its text is all that there is of it; what is drawn is read from it, and an edit is written into it. */
export function useComposition(opened: string, inGit: InGit | undefined, fresh: string) {
  const [kept, setKept] = useState<Kept>(() => keptText(opened, inGit) ?? { text: inGit?.text ?? fresh, base: inGit?.text ?? "", commit: inGit?.commit ?? null });
  const [shown, setShown] = useState(false);
  const [broken, setBroken] = useState<EntryOfText["broken"]>();
  const { past, future } = useRef<{ past: string[]; future: string[] }>({ past: [], future: [] }).current;
  const composition = useMemo(() => read(kept.text), [kept.text]);
  useEffect(() => keepText(opened, kept), [opened, kept]);
  useLeaveGuard(broken !== undefined);

  const change = (text: string) => {
    if (text === kept.text) return;
    past.push(kept.text);
    future.length = 0;
    setKept((old) => ({ ...old, text }));
  };
  const travel = (from: string[], to: string[]) => {
    const text = from.pop();
    if (text === undefined) return;
    to.push(kept.text);
    setKept((old) => ({ ...old, text }));
  };
  const type = (text: string): Problem[] => {
    const problems = problemsOf(text);
    setBroken(problems.length > 0 ? { text, problems } : undefined);
    if (problems.length === 0) change(text);
    return problems;
  };

  const key = `${composition.kind}s/${composition.name}`;
  const entry: EntryOfText = {
    key,
    state: kept.commit === null || key !== opened ? "new" : kept.text === kept.base ? "saved" : "changed",
    text: kept.text,
    source: { key: opened, commit: kept.commit, base: kept.base },
    shown,
    show: () => setShown(!shown),
    begin: () => undefined,
    settle: () => undefined,
    type,
    take: ({ text, commit }, base = text) => {
      const problems = type(text);
      if (problems.length === 0) setKept({ text, base, commit: commit ?? kept.commit });
      return problems;
    },
    saved: (commit, _, base) => setKept((old) => ({ ...old, commit, base })),
    broken,
    drop: () => setBroken(undefined),
  };
  const history = { undo: () => travel(past, future), redo: () => travel(future, past), canUndo: past.length > 0, canRedo: future.length > 0 };
  return { entry, composition, change, history };
}

function problemsOf(text: string): Problem[] {
  const wrong = problemsOfYaml(text);
  return wrong.length > 0 ? wrong : whyNotDrawn(read(text)).map((each) => ({ ...each, ...placeOfField(text, each.field ?? "") }));
}
