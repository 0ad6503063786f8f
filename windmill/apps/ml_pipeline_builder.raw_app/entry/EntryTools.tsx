import { ActionIcon, Button, Text, Tooltip } from "@mantine/core";
import { FileCode2, History } from "lucide-react";
import { useState } from "react";

import "./entry.css";
import { SaveDialog } from "./SaveDialog";
import type { EntryOfText } from "./ofText";
import { VersionsDialog } from "./VersionsDialog";
import { t } from "../words/words";

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
      <Text c="dimmed" className="kept" data-entry-state={entry.state}>{t(`entry.${entry.state}`)}</Text>
      <Tooltip label={t("entry.yamlHint")}>
        <ActionIcon variant={entry.shown ? "light" : "subtle"} color="gray" aria-label="YAML" aria-pressed={entry.shown} onClick={() => void entry.show()}><FileCode2 size={16} /></ActionIcon>
      </Tooltip>
      <Tooltip label={t("entry.versionsHint")}>
        <ActionIcon variant="subtle" color="gray" aria-label={t("entry.versions")} onClick={() => void versions()}><History size={16} /></ActionIcon>
      </Tooltip>
      <Button {...(unsaved ? { variant: "light" } : { variant: "subtle", color: "gray" })} size="xs" id={SAVE} aria-label={t("entry.saveToGit")} disabled={entry.broken !== undefined} onClick={() => void save()}>
        {t("entry.save")}{unsaved && <span className="unsaved" role="img" aria-label={t("entry.unsaved")} />}
      </Button>
      {open === "save" && <SaveDialog {...{ entry, tell }} onClose={close} />}
      {open === "versions" && <VersionsDialog {...{ entry, tell, onRun }} onClose={close} />}
    </div>
  );
}
