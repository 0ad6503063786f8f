import { Alert, Button, Group, Loader, Modal, Text, UnstyledButton } from "@mantine/core";
import { useEffect, useState } from "react";

import { loadEntry, loadVersions, type Version } from "./entries";
import { TextEditor } from "./TextEditor";
import type { EntryOfText } from "./ofText";

type Props = { entry: EntryOfText; onClose: () => void; tell: (words: string) => void };

/** What the entry was before: seen beside what is drawn, and taken again. */
export function VersionsDialog({ entry, onClose, tell }: Props) {
  const key = entry.source!.key;
  const [versions, setVersions] = useState<Version[]>();
  const [chosen, setChosen] = useState<{ version: Version; text: string }>();
  const [trouble, setTrouble] = useState("");
  const failed = (error: Error) => setTrouble(error.message);
  const choose = (version: Version) => loadEntry(key, version.commit).then((then) => setChosen({ version, text: then?.text ?? "" }), failed);
  useEffect(() => void loadVersions(key).then(setVersions, failed), [key]);
  const restore = () => {
    const problems = entry.take({ text: chosen!.text }, entry.source!.base);
    if (problems.length > 0) return setTrouble(problems[0]!.message);
    tell(`The drawing is as of ${shortly(chosen!.version)}; save it to keep it. Undo brings back what was here.`);
    onClose();
  };
  return (
    <Modal opened onClose={onClose} size="xl" title={`Versions of ${key}`} closeButtonProps={{ "aria-label": "Close" }}>
      <div className="versions">
        {trouble && <Alert color="red">{trouble}</Alert>}
        {!versions && !trouble && <Loader size={16} aria-label="Loading" />}
        <ul className="version-list" aria-label="Versions">
          {versions?.map((each) => (
            <li key={each.commit}>
              <UnstyledButton className="version" aria-pressed={chosen?.version.commit === each.commit} onClick={() => void choose(each)}>
                <Text fw={600} truncate>{each.subject}</Text>
                <Text c="dimmed" size="xs">{shortly(each)} · {each.author.split(" <")[0]} · {new Date(each.date).toLocaleString()}</Text>
              </UnstyledButton>
            </li>
          ))}
        </ul>
        {chosen && (
          <section aria-label="Compared" className="dialog">
            <Text c="dimmed">From {shortly(chosen.version)} to what is drawn now:</Text>
            {chosen.text === entry.text ? <Text>It is the same.</Text> : <TextEditor key={chosen.version.commit} label="Compared" text={entry.text} original={chosen.text} />}
            <Group justify="flex-end"><Button variant="default" disabled={chosen.text === entry.text} onClick={restore}>Restore this version</Button></Group>
          </section>
        )}
      </div>
    </Modal>
  );
}

const shortly = ({ commit }: Version) => commit.slice(0, 8);
