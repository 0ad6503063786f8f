import "./composed.css";

import { ActionIcon, Button, Group, Stack, Text, TextInput, Textarea, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useReactFlow } from "@xyflow/react";
import { House, Play, Redo2, Undo2 } from "lucide-react";
import { useEffect, useState } from "react";

import { EntryTools, SAVE } from "../entry/EntryTools";
import type { InGit } from "../entry/entries";
import { YamlPanel } from "../entry/YamlPanel";
import { Looks } from "../Header";
import { goTo, place } from "../memory";
import { Noted, type Note } from "../Notes";
import { CanvasTools } from "../notes/CanvasTools";
import { noteInView, StickyNotes } from "../notes/StickyNotes";
import { listEntries } from "../platform";
import type { Catalog, Entry, Problem, StickyNote } from "../types";
import type { Deployments } from "../useDeployments";
import { addedStep, begun, changed, changedStep, removedStep, unwait, wait, type Composition, type Wait } from "./composition";
import { Crumbs } from "./Crumbs";
import { EntryPalette } from "./EntryPalette";
import { EntryRunBar } from "./EntryRunBar";
import { GroupTools } from "./GroupTools";
import { RunDialog } from "./RunDialog";
import { stateOf } from "./levels";
import { stepCost } from "./stepCosts";
import { StepCanvas } from "./StepCanvas";
import { StepForm } from "./StepForm";
import { useComposition } from "./useComposition";
import { useEntryRun } from "./useEntryRun";
import { t } from "../words/words";

const NONE: Problem[] = [];

type Props = { opened: string; inGit: InGit | undefined; catalog: Catalog; deployments: Deployments };

/** An entry that is composed of others, on a canvas of its own. */
export function Composer({ opened, inGit, catalog, deployments }: Props) {
  const { entry, composition, change, history } = useComposition(opened, inGit, begun(opened));
  const [entries, setEntries] = useState<Entry[]>([]);
  const [chosen, setChosen] = useState<string>();
  const [note, setNote] = useState<Note>();
  const [asked, setAsked] = useState(false);
  const { at = "", watch } = place();
  const running = useEntryRun(opened, watch);
  useEffect(() => void listEntries().then(setEntries, (error: Error) => refuse(error.message)), []);
  const flow = useReactFlow();
  const tell = (words: string) => setNote({ kind: "told", words });
  const refuse = (words: string) => setNote({ kind: "refused", words });
  const own = entries.find(({ key }) => key === opened);
  const step = composition.steps?.find(({ id }) => id === chosen);

  const add = (key: string) => {
    const added = addedStep(entry.text, key);
    change(added.text);
    setChosen(added.id);
  };
  const open = (id: string) => {
    const use = composition.steps?.find((each) => each.id === id)?.use.split("@")[0];
    const { from } = place();
    if (use) goTo({ entry: use, from: [from, opened].filter(Boolean).join(","), at: [at, id].filter(Boolean).join("/"), watch: running.run?.id });
  };
  const takeBack = (taken: Wait) => {
    const others = taken.by.filter((field) => field !== "needs");
    if (taken.by.includes("needs")) change(unwait(entry.text, taken.from, taken.to));
    if (others.length > 0) refuse(t("composed.keepsWaiting", { to: taken.to, from: taken.from, fields: others.join(", ") }));
  };
  const putNotes = (notes: StickyNote[]) => change(changed(entry.text, { notes: notes.length > 0 ? notes : undefined }));
  useHotkeys([
    ["N", () => putNotes([...(composition.notes ?? []), noteInView(flow)])],
    ["mod+Z", history.undo],
    ["mod+shift+Z", history.redo],
    ["Y", () => void entry.show()],
    ["mod+S", () => document.getElementById(SAVE)?.click()],
    ["mod+Enter", () => own && setAsked(true)],
  ]);
  return (
    <div className="builder composer">
      <header className="header">
        <Tooltip label={t("common.allPipelines")}><ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("common.home")} onClick={() => goTo({})}><House size={18} strokeWidth={1.75} /></ActionIcon></Tooltip>
        <Crumbs shown={entry.key} />
        <Group gap={0} wrap="nowrap">
          <ActionIcon variant="subtle" color="gray" aria-label={t("common.undo")} disabled={!history.canUndo} onClick={history.undo}><Undo2 size={16} /></ActionIcon>
          <ActionIcon variant="subtle" color="gray" aria-label={t("common.redo")} disabled={!history.canRedo} onClick={history.redo}><Redo2 size={16} /></ActionIcon>
        </Group>
        <EntryTools {...{ entry, tell }} />
        <Group ml="auto" gap="xs" wrap="nowrap">
          <Looks />
          <Button disabled={!own} title={own ? undefined : t("composed.notPushed")} rightSection={<Play size={14} />} onClick={() => setAsked(true)}>{t("common.deploy")}</Button>
        </Group>
      </header>
      <EntryPalette entries={entries} own={opened} onAdd={add} />
      <div className="stage">
        <StepCanvas
          {...{ composition, chosen }}
          stateOf={(id) => stateOf(running.run, at, id)}
          costOf={(id) => stepCost(running.run, at, id, deployments.running ?? [])}
          onChoose={setChosen}
          onOpen={open}
          onWait={(from, to) => change(wait(entry.text, from, to))}
          onUnwait={takeBack}
          onRemove={(id) => change(removedStep(entry.text, id))}
          onRefused={refuse}
        >
          <StickyNotes notes={composition.notes ?? []} onChange={putNotes} />
          {note && <Noted note={note} onClose={() => setNote(undefined)} />}
        </StepCanvas>
        <CanvasTools onNote={() => putNotes([...(composition.notes ?? []), noteInView(flow)])} />
        {entry.shown && <YamlPanel entry={entry} problems={NONE} />}
      </div>
      <aside className="side">
        {step ? (
          <>
            <StepForm
              {...{ composition, step }}
              used={entries.find(({ key }) => key === step.use.split("@")[0])}
              onStep={(given) => change(changedStep(entry.text, step.id, given))}
              onRemove={() => (change(removedStep(entry.text, step.id)), setChosen(undefined))}
              onOpen={() => open(step.id)}
            />
            <GroupTools key={step.id} {...{ composition, step }} text={entry.text} onText={(text, id, words) => (change(text), setChosen(id), words && tell(words))} />
          </>
        ) : (
          <About composition={composition} onChange={(given) => change(changed(entry.text, given))} />
        )}
      </aside>
      <EntryRunBar run={running.run} trouble={running.trouble} at={at} onChoose={setChosen} onClose={running.close} />
      {asked && own && <RunDialog entry={own} targets={catalog.targets} unsaved={entry.state !== "saved"} onBegun={running.follow} onClose={() => setAsked(false)} />}
    </div>
  );
}

/** What is said of the entry as a whole. */
function About({ composition, onChange }: { composition: Composition; onChange: (change: Record<string, unknown>) => void }) {
  return (
    <Stack gap="md" p="md">
      <Text component="h2" fw={600} size="lg" m={0}>{composition.kind}</Text>
      <TextInput label={t("common.name")} value={composition.name} onChange={({ target }) => onChange({ name: target.value })} />
      <Textarea label={t("composed.summary")} autosize minRows={2} value={composition.summary ?? ""} onChange={({ target }) => onChange({ summary: target.value })} />
      {composition.run && <Text c="dimmed">{t("composed.itRuns")} <code>{JSON.stringify(composition.run)}</code> {t("composed.nothingElse")}</Text>}
      {Object.entries(composition.inputs ?? {}).map(([name, field]) => (
        <div key={name}><Text fw={600}>{name}</Text><Text c="dimmed">{field.description}</Text></div>
      ))}
    </Stack>
  );
}
