import { Alert, Button, Group, Loader, Modal, Text, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";

import type { Problem } from "../types";
import { checkEntry, Crossed, Refused, saveEntry, type Saved } from "./entries";
import { TextEditor } from "./TextEditor";
import type { EntryOfText } from "./ofText";
import { ProblemList } from "./YamlPanel";
import { t } from "../words/words";

type Props = { entry: EntryOfText; onClose: () => void; tell: (words: string) => void };

/** What is saved is seen first: the difference, what is wrong with it, and where it goes. */
export function SaveDialog({ entry, onClose, tell }: Props) {
  const { key, source, text } = entry;
  const base = source?.key === key ? source : undefined;
  const [message, setMessage] = useState("");
  const [problems, setProblems] = useState<Problem[]>();
  const [trouble, setTrouble] = useState("");
  const [crossed, setCrossed] = useState<Crossed>();
  const [saving, setSaving] = useState(false);
  useEffect(() => void checkEntry(text).then(setProblems, (error: Error) => setTrouble(error.message)), [text]);

  const done = ({ branch, commit, changed }: Saved, as: string) => {
    entry.saved(commit, key, as);
    tell(changed ? t("entry.savedAs", { branch, commit: commit.slice(0, 8) }) : t("entry.already", { branch }));
    onClose();
  };
  const save = (over: string | null | undefined = base?.commit) => {
    setSaving(true);
    return saveEntry(key, { text, base: over ?? null, message })
      .then((saved) => done(saved, text), failed)
      .finally(() => setSaving(false));
  };
  const failed = (error: Error) => {
    setTrouble("");
    if (error instanceof Crossed) return setCrossed(error);
    if (error instanceof Refused) return setProblems(error.problems);
    setTrouble(error.message);
  };
  const takeTheirs = () => {
    entry.take({ text: crossed!.sides.theirs, commit: crossed!.theirCommit, key });
    onClose();
  };

  const unchanged = base !== undefined && text === base.base;
  return (
    <Modal opened onClose={onClose} size="xl" title={t("entry.saveKey", { key })} closeButtonProps={{ "aria-label": t("common.close") }}>
      <div className="dialog">
        {crossed ? (
          <Conflict crossed={crossed} yours={text} />
        ) : (
          <>
            <Text c="dimmed">{base ? t("entry.changesInGit") : t("entry.newInGit")}</Text>
            {unchanged ? <Text>{t("entry.unchanged")}</Text> : <TextEditor label={t("entry.whatChanges")} text={text} original={base?.base ?? ""} />}
          </>
        )}
        {problems && problems.length > 0 && <Alert color="red" title={t("entry.refused")}><ProblemList problems={problems} /></Alert>}
        {trouble && <Alert color="red">{trouble}</Alert>}
        <TextInput label={t("entry.message")} placeholder={t("entry.messageHolder")} value={message} maxLength={2000} onChange={(event) => setMessage(event.currentTarget.value)} />
        <Group justify="flex-end" gap="xs">
          {!problems && !trouble && <Loader size={14} aria-label={t("entry.checking")} />}
          {crossed ? (
            <>
              <Button variant="default" onClick={takeTheirs}>{t("entry.takeTheirs")}</Button>
              <Button loading={saving} onClick={() => void save(crossed.theirCommit)}>{t("entry.saveMine")}</Button>
            </>
          ) : (
            <Button loading={saving} disabled={unchanged || !problems || problems.length > 0} onClick={() => void save()}>{t("entry.saveToGit")}</Button>
          )}
        </Group>
      </div>
    </Modal>
  );
}

function Conflict({ crossed, yours }: { crossed: Crossed; yours: string }) {
  return (
    <>
      <Alert color="orange" title={t("entry.conflict")}>{crossed.message}</Alert>
      <div className="both-sides">
        <Side title={t("entry.theirs")} text={crossed.sides.theirs} original={crossed.sides.base} />
        <Side title={t("entry.yours")} text={yours} original={crossed.sides.base} />
      </div>
    </>
  );
}

function Side({ title, text, original }: { title: string; text: string; original: string }) {
  return (
    <section aria-label={title}>
      <Text fw={600}>{title}</Text>
      <TextEditor label={title} text={text} original={original} />
    </section>
  );
}
