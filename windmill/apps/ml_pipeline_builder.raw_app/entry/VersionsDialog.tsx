import { Alert, Button, Group, Loader, Modal, SegmentedControl, Select, Text, UnstyledButton } from "@mantine/core";
import { useEffect, useState } from "react";

import { DiffCanvas } from "./DiffCanvas";
import { loadEntry, loadVersions, type Version } from "./entries";
import type { EntryOfText } from "./ofText";
import { Revisions } from "./Revisions";
import { TextEditor } from "./TextEditor";
import { moment } from "../words/figures";
import { t } from "../words/words";

type Props = { entry: EntryOfText; onClose: () => void; tell: (words: string) => void; onRun?: (run: string) => void };
type Chosen = { version: Version; text: string };

const HERE = "here";

/** What the entry was before: two versions compared on the canvas or in words, and one taken again. */
export function VersionsDialog({ entry, onClose, tell, onRun }: Props) {
  const key = entry.source?.key ?? entry.key;
  const [versions, setVersions] = useState<Version[]>();
  const [chosen, setChosen] = useState<Chosen>();
  const [trouble, setTrouble] = useState("");
  const failed = (error: Error) => setTrouble(error.message);
  const choose = (version: Version) => loadEntry(key, version.commit).then((then) => setChosen({ version, text: then?.text ?? "" }), failed);
  useEffect(() => void (entry.source?.commit ? loadVersions(key).then(setVersions, failed) : setVersions([])), [key]);
  const restore = () => {
    const problems = entry.take({ text: chosen!.text }, entry.source!.base);
    if (problems.length > 0) return setTrouble(problems[0]!.message);
    tell(t("entry.restored", { commit: shortly(chosen!.version) }));
    onClose();
  };
  return (
    <Modal opened onClose={onClose} size="80rem" title={t("entry.versionsOf", { key })} closeButtonProps={{ "aria-label": t("common.close") }}>
      {trouble && <Alert color="red">{trouble}</Alert>}
      {!versions && !trouble && <Loader size={16} aria-label={t("common.loading")} />}
      <div className="versions">
        <div>
          {versions?.length === 0 && <Text c="dimmed">{t("entry.notInGit")}</Text>}
          <ul className="version-list" aria-label={t("entry.versions")}>
            {versions?.map((each) => (
              <li key={each.commit}>
                <UnstyledButton className="version" aria-pressed={chosen?.version.commit === each.commit} onClick={() => void choose(each)}>
                  <Text fw={600} truncate>{each.subject}</Text>
                  <Text c="dimmed" size="xs">{shortly(each)} · {each.author.split(" <")[0]} · {moment(each.date)}</Text>
                </UnstyledButton>
              </li>
            ))}
          </ul>
          {onRun && <Revisions name={entry.key.split("/")[1]!} onRun={(run) => (onRun(run), onClose())} />}
        </div>
        {chosen && <Compared key={chosen.version.commit} {...{ entry, chosen, versions: versions ?? [], onRestore: restore, failed }} />}
      </div>
    </Modal>
  );
}

type ComparedProps = { entry: EntryOfText; chosen: Chosen; versions: Version[]; onRestore: () => void; failed: (error: Error) => void };

function Compared({ entry, chosen, versions, onRestore, failed }: ComparedProps) {
  const [view, setView] = useState("canvas");
  const [other, setOther] = useState<{ commit: string; text: string }>();
  const after = other?.text ?? entry.text;
  const compare = (commit: string | null) => {
    if (commit === HERE || commit === null) return setOther(undefined);
    void loadEntry(entry.source!.key, commit).then((then) => setOther({ commit, text: then?.text ?? "" }), failed);
  };
  const others = versions.filter(({ commit }) => commit !== chosen.version.commit).map((each) => ({ value: each.commit, label: `${shortly(each)} ${each.subject}` }));
  return (
    <section aria-label={t("entry.compared")} className="dialog">
      <Group gap="xs">
        <Text c="dimmed">{t("entry.from", { commit: shortly(chosen.version) })}</Text>
        <Select aria-label={t("entry.comparedWith")} size="xs" w={260} data={[{ value: HERE, label: t("entry.here") }, ...others]} value={other?.commit ?? HERE} onChange={compare} allowDeselect={false} />
        <span className="grow" />
        <SegmentedControl size="xs" data={[{ value: "canvas", label: t("entry.canvas") }, { value: "text", label: "YAML" }]} value={view} onChange={setView} />
      </Group>
      {chosen.text === after ? <Text>{t("entry.same")}</Text> : view === "canvas" ? <DiffCanvas before={chosen.text} after={after} /> : <TextEditor key={other?.commit} label={t("entry.compared")} text={after} original={chosen.text} />}
      <Group justify="flex-end"><Button variant="default" disabled={chosen.text === entry.text} onClick={onRestore}>{t("entry.restore")}</Button></Group>
    </section>
  );
}

const shortly = ({ commit }: Version) => commit.slice(0, 8);
