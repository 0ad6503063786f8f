import "./run.css";

import { ActionIcon, CopyButton, Loader, SegmentedControl, Text, Tooltip } from "@mantine/core";
import { Check, Copy, X } from "lucide-react";
import { useEffect, useState } from "react";

import { loadLog, loadStep } from "../platform";
import type { Step } from "../types";
import { t } from "../words/words";

type View = "log" | "input" | "output";
type Told = Record<View, string>;

const VIEWS = ["log", "input", "output"] as const;
const BETWEEN_LOOKS_MS = 1500;
// More of it is to be read in Windmill; a page that holds megabytes of log is of no use.
const MOST_LETTERS = 40_000;

/** One step of a run: what it wrote, what it was given and what it gave. */
export function StepPanel({ step, onClose }: { step: Step; onClose: () => void }) {
  const [view, setView] = useState<View>("log");
  const { told, trouble } = useStep(step);
  const text = told?.[view] ?? "";
  return (
    <section className="step-panel" aria-label={t("run.step", { title: step.title })}>
      <div className="step-tools">
        <Text fw={600} size="xs">{step.title}</Text>
        <SegmentedControl size="xs" data={VIEWS.map((value) => ({ value, label: t(`run.${value}`) }))} value={view} onChange={(chosen) => setView(chosen as View)} />
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? t("common.copied") : t("common.copy")}>
              <ActionIcon variant="subtle" color="gray" aria-label={t("run.copyShown")} onClick={copy}>
                {copied ? <Check size={14} /> : <Copy size={14} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
        <ActionIcon variant="subtle" color="gray" aria-label={t("run.closeStep")} onClick={onClose}><X size={14} /></ActionIcon>
      </div>
      {trouble && <Text role="alert" className="bad" size="xs">{trouble}</Text>}
      {!told && !trouble && <Loader size={14} aria-label={t("run.readingStep")} />}
      {told && <pre className="code step-text" tabIndex={0} aria-label={t("run.viewOf", { view: t(`run.${view}`), title: step.title })}>{text || t("run.saidNothing")}</pre>}
    </section>
  );
}

/** Looked at again while the step goes on. */
function useStep({ job, state }: Step) {
  const [told, setTold] = useState<Told>();
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    let left = false;
    let timer = 0;
    const look = async () => {
      try {
        const [{ input, output }, log] = await Promise.all([loadStep(job!), loadLog(job!)]);
        if (left) return;
        setTold({ log: bounded(log), input: bounded(shown(input)), output: bounded(shown(output)) });
        setTrouble("");
      } catch (error) {
        if (!left) setTrouble((error as Error).message);
      }
      if (!left && state === "running") timer = window.setTimeout(look, BETWEEN_LOOKS_MS);
    };
    setTold(undefined);
    if (job) void look();
    else setTrouble(t("run.notBegun"));
    return () => {
      left = true;
      window.clearTimeout(timer);
    };
  }, [job, state]);
  return { told, trouble };
}

const shown = (value: unknown) => (value === undefined || value === null ? "" : JSON.stringify(value, null, 2));

/** The end is what tells how it went. */
const bounded = (text: string) => (text.length > MOST_LETTERS ? `…\n${text.slice(-MOST_LETTERS)}` : text);
