import type { Draft } from "./types";

const DRAFT = "mlops.builder.draft";

export function storedDraft(): Draft | undefined {
  try {
    return JSON.parse(localStorage.getItem(DRAFT) ?? "") as Draft;
  } catch {
    return undefined;
  }
}

export const storeDraft = (draft: Draft) => localStorage.setItem(DRAFT, JSON.stringify(draft));

/** The run that is shown stands in the address bar, so a reload or a shared link shows it again. */
export const shownRun = (): string | undefined =>
  new URLSearchParams(page().location.hash.slice(1)).get("run") ?? undefined;

export function showRun(id: string | undefined) {
  const { pathname, search } = page().location;
  page().history.replaceState(null, "", id ? `#run=${id}` : pathname + search);
}

function page(): Window {
  try {
    void window.parent.location.hash;
    return window.parent;
  } catch {
    return window; // the page around us is of another origin
  }
}
