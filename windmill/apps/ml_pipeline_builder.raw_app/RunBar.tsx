import { ActionIcon, Anchor, Group, Loader, Text, UnstyledButton } from "@mantine/core";
import { CheckCircle2, Circle, CircleMinus, X, XCircle } from "lucide-react";
import { useState } from "react";

import { CancelButton } from "./run/CancelButton";
import { StepPanel } from "./run/StepPanel";
import type { Catalog, Draft, Failure, Problem, Run, Step } from "./types";
import { nodeOf } from "./drawing";
import { seconds } from "./words/figures";
import { language, t } from "./words/words";

type Props = {
  run: Run | undefined;
  problems: Problem[] | undefined;
  draft: Draft;
  catalog: Catalog;
  busy: boolean;
  onGoTo: (id: string) => void;
  onClose: () => void;
  onCancel: () => Promise<unknown>;
};

/** What is happening, or has just happened; never in the way. */
export function RunBar({ run, problems, draft, catalog, busy, onGoTo, onClose, onCancel }: Props) {
  if (busy) return <Bar title={t("common.check")}><Loader size={14} /><Text>{t("run.checking")}</Text></Bar>;
  if (problems?.length) return <Problems problems={problems} draft={draft} catalog={catalog} onGoTo={onGoTo} onClose={onClose} />;
  if (run?.state === "running" || (run && !problems)) return <Steps key={run.id} {...{ run, onGoTo, onClose, onCancel }} />;
  if (problems) return (
    <Bar title={t("common.check")} onClose={onClose}>
      <CheckCircle2 size={16} className="good" />
      <Text>{t("run.right")}</Text>
    </Bar>
  );
  return null;
}

function Steps({ run, onGoTo, onClose, onCancel }: { run: Run } & Pick<Props, "onGoTo" | "onClose" | "onCancel">) {
  const [opened, setOpened] = useState<string>();
  const step = run.steps.find(({ id }) => id === opened);
  const total = run.steps.reduce((sum, step) => sum + (step.seconds ?? 0), 0);
  return (
    <Bar title={t(run.destroys ? "run.destroy" : "common.deploy")} onClose={run.state === "running" ? undefined : onClose}>
      <Group gap="md" component="ol" className="steps" aria-label={t("run.steps")}>
        {run.steps.map((each) => (
          <StepMark key={each.id} step={each} opened={each.id === opened} onOpen={() => setOpened(each.id === opened ? undefined : each.id)} />
        ))}
      </Group>
      {run.state === "running" && !run.destroys && <CancelButton onCancel={onCancel} />}
      {step && <StepPanel step={step} onClose={() => setOpened(undefined)} />}
      {run.error && <Failed failure={run.error} onGoTo={onGoTo} />}
      {run.state !== "running" && <Text c="dimmed" ml="auto" className="total" size="xs">{t("run.total", { time: seconds(total) })}</Text>}
    </Bar>
  );
}

/** What failed, why, and what mends it. */
function Failed({ failure, onGoTo }: { failure: Failure } & Pick<Props, "onGoTo">) {
  return (
    <div className="failed" role="alert" lang="en">
      <Text className="bad">
        {failure.title && <b>{failure.title}: </b>}
        {failure.message}
      </Text>
      {failure.fix && <Text c="dimmed">{failure.fix}</Text>}
      {failure.where && <Text c="dimmed" className="code">{failure.where}</Text>}
      {failure.node !== undefined && (
        <Anchor component="button" className="problem-link" lang={language()} onClick={() => onGoTo(failure.node!)}>{t("run.goToNode")}</Anchor>
      )}
    </div>
  );
}

function StepMark({ step, opened, onOpen }: { step: Step; opened: boolean; onOpen: () => void }) {
  return (
    <li className="step" data-state={step.state}>
      <UnstyledButton onClick={onOpen} aria-expanded={opened}>
        <Mark state={step.state} />
        <span>{step.title}</span>
        {step.seconds !== undefined && <span className="quiet">{seconds(step.seconds)}</span>}
      </UnstyledButton>
    </li>
  );
}

function Mark({ state }: { state: Step["state"] }) {
  switch (state) {
    case "done":
      return <CheckCircle2 size={16} className="good" aria-label={t("run.done")} />;
    case "failed":
      return <XCircle size={16} className="bad" aria-label={t("run.failed")} />;
    case "running":
      return <Loader size={14} aria-label={t("run.running")} />;
    case "skipped":
      return <CircleMinus size={16} className="quiet" aria-label={t("run.skipped")} />;
    default:
      return <Circle size={16} className="quiet" aria-label={t("run.waiting")} />;
  }
}

type ProblemsProps = Omit<Props, "run" | "busy" | "problems" | "onCancel"> & { problems: Problem[] };

function Problems({ problems, draft, catalog, onGoTo, onClose }: ProblemsProps) {
  return (
    <Bar title={t("run.problems", { count: problems.length })} onClose={onClose}>
      <ul className="problems">
        {problems.map((problem, index) => {
          const id = nodeOf(problem.field, draft);
          const node = draft.nodes.find((each) => each.id === id);
          const where = catalog.components[node?.component ?? ""]?.title ?? t("common.pipeline");
          return (
            <li key={index}>
              <XCircle size={16} className="bad" aria-hidden />
              <Text fw={600} span className="problem-where">{where}</Text>
              <span className="problem-words" lang="en">
                {problem.message}
                {problem.fix && <span className="quiet"> {problem.fix}</span>}
              </span>
              <Anchor component="button" className="problem-link" onClick={() => onGoTo(id ?? "")}>
                {t(id ? "run.goToNode" : "run.goToPipeline")}
              </Anchor>
            </li>
          );
        })}
      </ul>
    </Bar>
  );
}

type BarProps = { title: string; onClose?: () => void; children: React.ReactNode };

function Bar({ title, onClose, children }: BarProps) {
  return (
    <footer className="run-bar" aria-live="polite">
      <Text fw={600}>{title}</Text>
      {children}
      {onClose && (
        <ActionIcon variant="subtle" color="gray" aria-label={t("common.close")} onClick={onClose} ml="auto">
          <X size={16} />
        </ActionIcon>
      )}
    </footer>
  );
}
