import { Button, Group, MultiSelect, Text, TextInput } from "@mantine/core";
import { useState } from "react";

import { loadEntry } from "../entry/entries";
import type { Composition, Step } from "./composition";
import { grouped } from "./grouping";
import { keepText, keptText } from "./kept";
import { ungrouped } from "./ungrouping";
import { t } from "../words/words";

type Props = { composition: Composition; text: string; step: Step; onText: (text: string, chosen?: string, words?: string) => void };

const NAME = /^[a-z][a-z0-9-]*$/;

/** A step and others become an entry of their own; what is one already is taken apart. */
export function GroupTools({ composition, text, step, onText }: Props) {
  const [chosen, setChosen] = useState([step.id]);
  const [name, setName] = useState("");
  const [trouble, setTrouble] = useState("");
  const attempt = (work: () => void | Promise<void>) => void Promise.resolve().then(work).then(() => setTrouble(""), (error: Error) => setTrouble(error.message));
  const group = async () => {
    const key = `meta-pipelines/${name}`;
    if (keptText(key, undefined) || (await loadEntry(key))) throw new Error(t("composed.exists", { key }));
    const made = grouped(text, chosen, name);
    keepText(key, { text: made.nested, base: "", commit: null });
    onText(made.text, made.id, t("composed.grouped", { key }));
  };
  const apart = async () => {
    const key = step.use.split("@")[0]!;
    const nested = (await loadEntry(key, step.use.split("@")[1]))?.text ?? keptText(key, undefined)?.text ?? "";
    onText(ungrouped(text, step.id, nested));
  };
  return (
    <section className="group-tools" aria-label={t("composed.group")}>
      <MultiSelect label={t("composed.group")} description={t("composed.groupHint")} data={(composition.steps ?? []).map(({ id }) => id)} value={chosen} onChange={setChosen} />
      <TextInput label={t("composed.groupName")} value={name} error={name && !NAME.test(name) ? t("composed.groupNameForm") : undefined} onChange={({ target }) => setName(target.value)} />
      <Group gap="xs" mt="xs">
        <Button size="xs" variant="default" disabled={!NAME.test(name) || chosen.length === 0} onClick={() => attempt(group)}>{t("composed.groupThem")}</Button>
        {step.use.startsWith("meta-pipelines/") && <Button size="xs" variant="default" onClick={() => attempt(apart)}>{t("composed.ungroup", { id: step.id })}</Button>}
      </Group>
      {trouble && <Text role="alert" className="bad">{trouble}</Text>}
    </section>
  );
}
