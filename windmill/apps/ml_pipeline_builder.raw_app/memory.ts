import type { Draft } from "./types";

const DRAFT = "mlops.builder.draft.";
const WORK = "mlops.builder.work.";
const LANGUAGE = "mlops.builder.language";
const FIRST = 1;

/** What somebody chose to be spoken to in. */
export const keptLanguage = (): unknown => read(LANGUAGE);

export const keepLanguage = (code: string) => write(LANGUAGE, code);

/** The version tells a tab that another one wrote since it looked. */
export type Stored = { version: number; draft: Draft; saved: number };

/** What came of a drawing: its last run, and the deployment that it is, with the revision it was drawn as. */
export type Work = { run?: string; deployment?: string; revision?: number };

export type Kept = { id: string; stored: Stored; work: Work };

export function storedDraft(id: string): Stored | undefined {
  const stored = read<Stored>(DRAFT + id);
  return Array.isArray(stored?.draft?.nodes) ? stored : undefined;
}

export const storeDraft = (id: string, stored: Stored) => write(DRAFT + id, stored);

export const workOf = (id: string): Work => read<Work>(WORK + id) ?? {};

export const keepWork = (id: string, work: Work) => write(WORK + id, work);

/** The drawings of this browser, the last one worked on first. */
export function keptDrafts(): Kept[] {
  const ids = Object.keys(localStorage).filter((key) => key.startsWith(DRAFT)).map((key) => key.slice(DRAFT.length));
  return ids
    .flatMap((id) => {
      const stored = storedDraft(id);
      return stored ? [{ id, stored, work: workOf(id) }] : [];
    })
    .sort((one, other) => other.stored.saved - one.stored.saved);
}

export function newDraft(draft: Draft, work: Work = {}): string {
  const id = Math.random().toString(36).slice(2, 12);
  storeDraft(id, { version: FIRST, draft, saved: Date.now() });
  if (work.deployment) keepWork(id, work);
  return id;
}

export function removeDraft(id: string) {
  localStorage.removeItem(DRAFT + id);
  localStorage.removeItem(WORK + id);
}

/** What was opened and never touched is no drawing of anybody's. */
export function forgetUntouched() {
  for (const { id, stored, work } of keptDrafts())
    if (stored.version === FIRST && !work.run) removeDraft(id);
}

/** Calls back when another tab stored this drawing or began a run of it; returns how to stop that. */
export function watchOtherTabs(id: string, onDraft: () => void, onRun: (run: string) => void): () => void {
  const heard = ({ key, newValue }: StorageEvent) => {
    if (key === DRAFT + id && newValue) onDraft();
    if (key === WORK + id && workOf(id).run) onRun(workOf(id).run!);
  };
  window.addEventListener("storage", heard);
  return () => window.removeEventListener("storage", heard);
}

/** Which drawing is shown stands in the address bar, with the run that a shared link shows too. */
/** `from`: the entries, outermost first, that lead to the one that is shown; `at`: the steps that do; `watch`: a run of the outermost. */
export type Place = { drawing?: string; run?: string; entry?: string; from?: string; at?: string; watch?: string };

export function place(): Place {
  const hash = new URLSearchParams(page().location.hash.slice(1));
  const given = (name: keyof Place) => hash.get(name) ?? undefined;
  return { drawing: given("drawing"), run: given("run"), entry: given("entry"), from: given("from"), at: given("at"), watch: given("watch") };
}

export function goTo(where: Place) {
  page().location.hash = asHash(where);
}

/** Without a step of its own in the history of the browser. */
export const stayAt = (where: Place) => page().history.replaceState(null, "", `#${asHash(where)}`);

export function watchPlace(moved: () => void): () => void {
  const around = page();
  around.addEventListener("hashchange", moved);
  return () => around.removeEventListener("hashchange", moved);
}

const asHash = (where: Place) => new URLSearchParams(Object.entries(where).filter(([, value]) => value)).toString();

function read<T>(key: string): T | undefined {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "") as T;
  } catch {
    return undefined;
  }
}

const write = (key: string, value: unknown) => localStorage.setItem(key, JSON.stringify(value));

function page(): Window {
  try {
    void window.parent.location.hash;
    return window.parent;
  } catch {
    return window; // the page around us is of another origin
  }
}
