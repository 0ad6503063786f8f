import { ActionIcon, Alert, Button, Group, Text } from "@mantine/core";
import { X } from "lucide-react";
import { useState } from "react";

import { runInWords } from "../states";
import { CancelButton } from "../run/CancelButton";
import { goesOn, isBelow, type EntryRun, type Question } from "./levels";
import { answerRun, endRun } from "./runs";
import { seconds, soFar } from "../words/figures";
import { t } from "../words/words";

type Props = { run: EntryRun | undefined; trouble: string; at: string; onChoose: (step: string) => void; onClose: () => void };

/** Each level of a run: how far it is, what it asks, what came of it. */
export function EntryRunBar({ run, trouble, at, onChoose, onClose }: Props) {
  if (!run) return <footer className="run-bar">{trouble ? <Text role="alert" className="bad">{trouble}</Text> : <Text c="dimmed">{t("composed.notRun")}</Text>}</footer>;
  const shown = at ? run.steps.filter(({ id }) => isBelow(id, at)) : run.steps;
  const name = (id: string) => (at ? id.slice(at.length + 1) : id) || id;
  return (
    <footer className="run-bar entry-run" aria-label={t("composed.run")}>
      <Group gap="sm" w="100%" wrap="nowrap">
        <Text fw={600}>{run.name}</Text>
        <Text data-run-state={run.state}><span className="state-dot" aria-hidden /> {runInWords(run.state)}</Text>
        {run.cost && <Text c="dimmed" className="cost">{soFar(run.cost.so_far_usd)}</Text>}
        {trouble && <Text role="alert" className="bad">{trouble}</Text>}
        <span className="grow" />
        {goesOn(run) && <CancelButton onCancel={() => endRun(run.id)} />}
        {!goesOn(run) && <ActionIcon variant="subtle" color="gray" aria-label={t("composed.closeRun")} onClick={onClose}><X size={16} /></ActionIcon>}
      </Group>
      {run.questions.filter(({ asks }) => asks === "approval").map((each) => <Asked key={each.step} run={run} question={each} />)}
      {run.error && <Alert color="red" w="100%" title={run.error.step}>{run.error.message} {run.error.fix}</Alert>}
      <ol className="steps levels">
        {shown.map((each) => (
          <li key={each.id} className="step" data-state={each.state}>
            <span className="step-dot" aria-hidden />
            <button type="button" className="level" onClick={() => onChoose(name(each.id).split("/")[0]!)}>{name(each.id).replaceAll("/", " › ")}</button>
            <span className="quiet">{t(`run.${each.state}`)}{each.seconds != null && ` ${seconds(each.seconds)}`}</span>
          </li>
        ))}
      </ol>
      {run.outputs && <Outputs outputs={run.outputs} />}
    </footer>
  );
}

function Asked({ run, question }: { run: EntryRun; question: Question }) {
  const [trouble, setTrouble] = useState("");
  const answer = (approved: boolean) => void answerRun(run.id, question.step, approved).catch((error: Error) => setTrouble(error.message));
  return (
    <Alert color="indigo" w="100%" title={t("composed.waitsForApproval", { step: question.step.replace(/:approval$/, "") })}>
      <Text>{question.message}</Text>
      {question.plan.length > 0 && <ul className="text-problems">{question.plan.map((line, index) => <li key={index}>{line}</li>)}</ul>}
      <Group gap="xs" mt="xs">
        <Button size="xs" onClick={() => answer(true)}>{t("composed.approve")}</Button>
        <Button size="xs" variant="default" onClick={() => answer(false)}>{t("composed.refuse")}</Button>
        {trouble && <Text role="alert" className="bad">{trouble}</Text>}
      </Group>
    </Alert>
  );
}

const Outputs = ({ outputs }: { outputs: Record<string, unknown> }) => (
  <dl className="outputs" aria-label={t("composed.outputs")}>
    {Object.entries(outputs).map(([name, value]) => (
      <div key={name}><dt>{name}</dt><dd><code>{typeof value === "string" ? value : JSON.stringify(value)}</code></dd></div>
    ))}
  </dl>
);
