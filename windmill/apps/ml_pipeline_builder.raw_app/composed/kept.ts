import type { InGit } from "../entry/entries";

const TEXT = "mlops.builder.text.";
const RUN = "mlops.builder.entry-run.";

/** A text while it is worked on, the one that Git has, and the commit of that. */
export type Kept = { text: string; base: string; commit: string | null };

/** What was worked on and not saved; undefined where Git has all that there is. */
export function keptText(key: string, inGit: InGit | undefined): Kept | undefined {
  const kept = stored<Kept>(TEXT + key);
  if (typeof kept?.text !== "string" || typeof kept.base !== "string") return undefined;
  return kept.text === kept.base || kept.text === inGit?.text ? undefined : kept;
}

export function keepText(key: string, kept: Kept) {
  if (kept.text === kept.base) localStorage.removeItem(TEXT + key);
  else localStorage.setItem(TEXT + key, JSON.stringify(kept));
}

export const keptRun = (key: string) => stored<string>(RUN + key);

export const keepRun = (key: string, run: string) => localStorage.setItem(RUN + key, JSON.stringify(run));

function stored<T>(key: string): T | undefined {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "") as T;
  } catch {
    return undefined;
  }
}
