import { ScrollArea, Text, TextInput, UnstyledButton } from "@mantine/core";
import { Search } from "lucide-react";
import { useState } from "react";

import type { Entry } from "../types";
import { iconOfEntry } from "./StepNode";
import { t, type Key } from "../words/words";

const FOLDERS: [string, Key][] = [["meta-pipelines/", "composed.metaPipelines"], ["pipelines/", "composed.pipelines"], ["playbooks/", "composed.playbooks"]];

/** What a step can use; a click adds it. */
export function EntryPalette({ entries, own, onAdd }: { entries: Entry[]; own: string; onAdd: (key: string) => void }) {
  const [searched, setSearched] = useState("");
  const words = searched.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter(({ key, summary }) => key !== own && words.every((word) => `${key} ${summary}`.toLowerCase().includes(word)));
  return (
    <nav className="palette" aria-label={t("composed.entries")}>
      <TextInput aria-label={t("composed.searchEntries")} placeholder={t("common.search")} leftSection={<Search size={14} />} value={searched} onChange={({ target }) => setSearched(target.value)} onKeyDown={({ key }) => key === "Enter" && found[0] && onAdd(found[0].key)} />
      <ScrollArea className="palette-list" type="hover">
        {FOLDERS.map(([folder, title]) => {
          const shown = found.filter(({ key }) => key.startsWith(folder));
          if (shown.length === 0) return null;
          return (
            <section key={folder} aria-label={t(title)}>
              <Text className="quiet-heading">{t(title)}</Text>
              {shown.map(({ key, name, summary }) => <Entered key={key} {...{ name, summary }} use={key} onAdd={() => onAdd(key)} />)}
            </section>
          );
        })}
      </ScrollArea>
    </nav>
  );
}

function Entered({ use, name, summary, onAdd }: { use: string; name: string; summary: string; onAdd: () => void }) {
  const [Icon, family] = iconOfEntry(use);
  return (
    <UnstyledButton className="palette-entry" data-family={family} title={summary} onClick={onAdd}>
      <Icon size={16} strokeWidth={1.75} className="node-icon" aria-hidden />
      <Text truncate>{name}</Text>
    </UnstyledButton>
  );
}
