import { Handle, Position, type Node, type NodeHandle, type NodeProps } from "@xyflow/react";
import { BookOpen, Boxes, CircleCheck, CircleHelp, Repeat, ShieldCheck, Workflow, type LucideIcon } from "lucide-react";

import { CostMark } from "../cost/CostMark";
import type { NodeCost } from "../cost/nodeCosts";
import type { StepState } from "../types";
import type { Step } from "./composition";
import { t } from "../words/words";

export type StepData = { step: Step; state?: StepState; cost?: NodeCost };
export type StepCanvasNode = Node<StepData, "step">;

export const STEP_SIZE = { width: 216, height: 76 };

const PORT = 8;
const port = (type: "source" | "target", position: Position, x: number): NodeHandle => ({ type, position, x: x - PORT / 2, y: (STEP_SIZE.height - PORT) / 2, width: PORT, height: PORT });

/** Told, not measured: nodes are made anew with each edit, and edges would wait for a measure each time. */
export const STEP_HANDLES = [port("target", Position.Left, 0), port("source", Position.Right, STEP_SIZE.width)];

const ICONS: [string, LucideIcon, string][] = [
  ["meta-pipelines/", Boxes, "storage"],
  ["pipelines/", Workflow, "model"],
  ["playbooks/", BookOpen, "data_source"],
];

export const iconOfEntry = (use: string): [LucideIcon, string] => {
  const [, icon, family] = ICONS.find(([folder]) => use.startsWith(folder)) ?? ICONS[2]!;
  return [icon, family];
};

/** A step: what it uses, and on what conditions it does. */
export function StepNode({ data: { step, state, cost }, selected }: NodeProps<StepCanvasNode>) {
  const [Icon, family] = iconOfEntry(step.use);
  return (
    <div className="node step-node" data-family={family} data-selected={selected} data-step-state={state}>
      <Handle type="target" position={Position.Left} className="port" />
      <Icon size={16} strokeWidth={1.75} className="node-icon" aria-hidden />
      <span className="node-title">{step.id}</span>
      <span className="node-dot" role="img" aria-label={t(state ? `run.${state}` : "composed.notStepRun")} />
      <span className="node-settings">{step.use}</span>
      {cost && <CostMark cost={cost} />}
      <Conditions step={step} />
      <Handle type="source" position={Position.Right} className="port" />
    </div>
  );
}

function Conditions({ step }: { step: Step }) {
  const shown: [LucideIcon, string][] = [];
  if (step.for_each !== undefined) shown.push([Repeat, t("composed.markForEach")]);
  if (step.when !== undefined) shown.push([CircleHelp, t("composed.markWhen")]);
  if (step.approval) shown.push([CircleCheck, t("composed.markApproval")]);
  if (step.budget) shown.push([ShieldCheck, t("composed.markBudget")]);
  if (shown.length === 0) return null;
  return (
    <span className="conditions">
      {shown.map(([Icon, words]) => <span key={words}><Icon size={12} aria-hidden /> {words}</span>)}
    </span>
  );
}
