import { ActionIcon, Button, Text, Tooltip } from "@mantine/core";
import { FileCode2, History } from "lucide-react";
import { useState } from "react";

import "./entry.css";
import { SaveDialog } from "./SaveDialog";
import type { EntryOfText, EntryState } from "./ofText";
import { VersionsDialog } from "./VersionsDialog";

const WORDS: Record<EntryState, string> = {
  drawing: "Draft · kept in this browser",
  new: "New entry · not in Git yet",
  changed: "Changed since Git",
  saved: "As in Git",
};

export const SAVE = "save-to-git";

/** `onRun`: shows the run of what was rolled back. */
type Props = { entry: EntryOfText; tell: (words: string) => void; onRun?: (run: string) => void };

/** The drawing's place in the catalog: its text, saving, and its versions. */
export function EntryTools({ entry, tell, onRun }: Props) {
  const [open, setOpen] = useState<"save" | "versions">();
  const save = async () => (await entry.begin(), setOpen("save"));
  const versions = async () => (await entry.begin(), setOpen("versions"));
  const unsaved = entry.state === "changed" || entry.state === "new";
  const close = () => setOpen(undefined);
  return (
    <div className="entry-tools">
      <Text c="dimmed" className="kept" data-entry-state={entry.state}>{WORDS[entry.state]}</Text>
      <Tooltip label="YAML beside the canvas (Y)">
        <ActionIcon variant={entry.shown ? "light" : "subtle"} color="gray" aria-label="YAML" aria-pressed={entry.shown} onClick={() => void entry.show()}><FileCode2 size={16} /></ActionIcon>
      </Tooltip>
      <Tooltip label="Versions, in Git and as they ran">
        <ActionIcon variant="subtle" color="gray" aria-label="Versions" onClick={() => void versions()}><History size={16} /></ActionIcon>
      </Tooltip>
      <Button {...(unsaved ? { variant: "light" } : { variant: "subtle", color: "gray" })} size="xs" id={SAVE} aria-label="Save to Git" disabled={entry.broken !== undefined} onClick={() => void save()}>
        Save{unsaved && <span className="unsaved" role="img" aria-label="Not saved to Git yet" />}
      </Button>
      {open === "save" && <SaveDialog {...{ entry, tell }} onClose={close} />}
      {open === "versions" && <VersionsDialog {...{ entry, tell, onRun }} onClose={close} />}
    </div>
  );
}
