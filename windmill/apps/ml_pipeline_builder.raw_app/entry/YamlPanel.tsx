import { ActionIcon, Button, Group, Text, Tooltip } from "@mantine/core";
import { useReactFlow } from "@xyflow/react";
import { FileUp, X } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";

import type { Problem } from "../types";
import { TextEditor } from "./TextEditor";
import type { EntryOfText } from "./ofText";
import { placeOfField } from "./wrong";
import { t } from "../words/words";

const TYPED_MS = 250;
const MOST_BYTES = 1_000_000;

/** The drawing as YAML: what is typed is drawn, what is drawn is written. */
export function YamlPanel({ entry, problems }: { entry: EntryOfText; problems: Problem[] }) {
  const { broken, text, source } = entry;
  const flow = useReactFlow();
  useEffect(() => {
    const refit = () => void window.setTimeout(() => void flow.fitView({ padding: 0.08, maxZoom: 1 }), 50);
    refit();
    return refit;
  }, []);
  const pending = useRef<{ text: string; timer: number }>(null);
  const latest = useRef(entry);
  latest.current = entry;
  const flush = () => {
    if (!pending.current) return;
    window.clearTimeout(pending.current.timer);
    latest.current.type(pending.current.text);
    pending.current = null;
  };
  const type = (text: string) => {
    window.clearTimeout(pending.current?.timer);
    pending.current = { text, timer: window.setTimeout(flush, TYPED_MS) };
  };
  const told = useMemo(() => broken?.problems ?? problems.map((each) => ({ ...placeOfField(text, each.field ?? ""), ...each })), [broken, problems, text]);
  return (
    <section className="yaml-panel" aria-label="YAML">
      <Group className="panel-head" gap="xs" wrap="nowrap">
        <Text fw={600} truncate>{source ? `${source.key}.yaml` : "YAML"}</Text>
        <span className="grow" />
        <Import entry={entry} />
        <Tooltip label={t("entry.closeYamlHint")}>
          <ActionIcon variant="subtle" color="gray" aria-label={t("entry.closeYaml")} onClick={() => void entry.show()}><X size={16} /></ActionIcon>
        </Tooltip>
      </Group>
      {source && (
        // Neither side may work on what the other has changed already.
        <div className="text-host" onFocus={entry.settle} onBlur={flush}>
          <TextEditor key={source.key} label={t("entry.asYaml")} text={broken?.text ?? text} onType={type} problems={told} />
        </div>
      )}
      {broken && <Broken entry={entry} problems={broken.problems} />}
    </section>
  );
}

function Broken({ entry, problems }: { entry: EntryOfText; problems: Problem[] }) {
  return (
    <div className="panel-foot" role="alert">
      <Text fw={600}>{t("entry.readLast")}</Text>
      <ProblemList problems={problems} />
      <Button size="xs" variant="default" onClick={entry.drop}>{t("entry.takeBack")}</Button>
    </div>
  );
}

const SHOWN = 5;

export function ProblemList({ problems }: { problems: Problem[] }) {
  return (
    <ul className="text-problems">
      {problems.slice(0, SHOWN).map((each, index) => (
        <li key={index}>
          {each.line && <span className="quiet">{t("entry.line", { n: each.line })} </span>}
          {each.field && <code>{each.field}</code>} {each.message} {each.fix && <span className="quiet">{each.fix}</span>}
        </li>
      ))}
      {problems.length > SHOWN && <li className="quiet">{t("common.andMore", { n: problems.length - SHOWN })}</li>}
    </ul>
  );
}

/** A file of somebody's: drawn where it can be, else shown with what is wrong in it. */
function Import({ entry }: { entry: EntryOfText }) {
  const chooser = useRef<HTMLInputElement>(null);
  const read = async (file: File | undefined) => {
    if (!file || file.size > MOST_BYTES) return;
    entry.type(await file.text());
  };
  return (
    <>
      <input ref={chooser} type="file" accept=".yaml,.yml" hidden aria-label={t("entry.file")} onChange={({ target }) => void read(target.files?.[0]).then(() => (target.value = ""))} />
      <Tooltip label={t("entry.openFileHint")}>
        <ActionIcon variant="subtle" color="gray" aria-label={t("entry.openFile")} onClick={() => chooser.current?.click()}><FileUp size={16} /></ActionIcon>
      </Tooltip>
    </>
  );
}
