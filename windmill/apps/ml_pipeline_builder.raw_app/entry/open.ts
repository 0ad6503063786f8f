import { emptyDraft } from "../layout";
import { keptDrafts, newDraft } from "../memory";
import type { Catalog } from "../types";
import { loadEntry, type InGit } from "./entries";
import { asOnCanvas, readPipeline } from "./pipelineText";
import { t } from "../words/words";

/** What is shown of an entry: a drawing of this browser, or its steps. */
export type Opened = { drawing: string } | { composed: InGit | undefined };

/** The drawing that was begun of an entry, else as Git has it; what has no graph is composed. Raises what cannot be drawn. */
export async function openEntry(key: string, catalog: Catalog): Promise<Opened> {
  const inGit = await loadEntry(key);
  if (!inGit && key.startsWith("meta-pipelines/")) return { composed: undefined };
  if (!inGit) throw new Error(t("app.noEntry", { key }));
  if (!/^graph:/m.test(inGit.text)) return { composed: inGit };
  const own = keptDrafts().find(({ stored: { draft } }) => draft.source?.key === key && draft.source.base === inGit.text);
  if (own) return { drawing: own.id };
  const read = readPipeline(inGit.text, emptyDraft(catalog.targets[0]!), catalog);
  if ("problems" in read) throw new Error(`${key}: ${read.problems[0]!.message}`);
  const { text, commit } = inGit;
  return { drawing: newDraft(asOnCanvas({ ...read.draft, source: { ...read.draft.source!, key, commit, base: text } }, catalog)) };
}
