import type { Draft } from "./types";

const DRAFT = "mlops.builder.draft";
const RUN = "mlops.builder.run";

/** The version tells a tab that another one wrote since it looked. */
type Stored = { version: number; draft: Draft };

export function storedDraft(): Stored | undefined {
  try {
    const stored = JSON.parse(localStorage.getItem(DRAFT) ?? "") as Stored;
    return Array.isArray(stored.draft.nodes) ? stored : undefined;
  } catch {
    return undefined;
  }
}

export const storeDraft = (stored: Stored) => localStorage.setItem(DRAFT, JSON.stringify(stored));

/** Calls back when another tab stored a drawing or began a run; returns how to stop that. */
export function watchOtherTabs(onDraft: () => void, onRun: (id: string) => void): () => void {
  const heard = ({ key, newValue }: StorageEvent) => {
    if (key === DRAFT && newValue) onDraft();
    if (key === RUN && newValue) onRun(newValue);
  };
  window.addEventListener("storage", heard);
  return () => window.removeEventListener("storage", heard);
}

/** The run that is shown stands in the address bar, so a shared link shows it too; else the last one. */
export const shownRun = (): string | undefined =>
  new URLSearchParams(page().location.hash.slice(1)).get("run") ?? localStorage.getItem(RUN) ?? undefined;

export function showRun(id: string) {
  localStorage.setItem(RUN, id);
  page().history.replaceState(null, "", `#run=${id}`);
}

export function forgetRun() {
  localStorage.removeItem(RUN);
  const { pathname, search } = page().location;
  page().history.replaceState(null, "", pathname + search);
}

function page(): Window {
  try {
    void window.parent.location.hash;
    return window.parent;
  } catch {
    return window; // the page around us is of another origin
  }
}
