import { emptyDraft } from "../layout";
import { keptDrafts, newDraft } from "../memory";
import type { Catalog } from "../types";
import { loadEntry } from "./entries";
import { asOnCanvas, readPipeline } from "./pipelineText";

/** The drawing of an entry: the one of this browser that was begun of it, else as Git has it. Raises what cannot be drawn. */
export async function openEntry(key: string, catalog: Catalog): Promise<string> {
  const inGit = await loadEntry(key);
  if (!inGit) throw new Error(`Git has no entry ${key}.`);
  const own = keptDrafts().find(({ stored: { draft } }) => draft.source?.key === key && draft.source.commit === inGit.commit);
  if (own) return own.id;
  const read = readPipeline(inGit.text, emptyDraft(catalog.targets[0]!), catalog);
  if ("problems" in read) throw new Error(`${key}: ${read.problems[0]!.message}`);
  const { text, commit } = inGit;
  return newDraft(asOnCanvas({ ...read.draft, source: { ...read.draft.source!, key, commit, base: text } }, catalog));
}
