import { Tooltip } from "@mantine/core";
import { Handle, Position, type NodeProps } from "@xyflow/react";
import { createContext, useContext } from "react";

import { CostMark } from "./cost/CostMark";
import type { NodeCost } from "./cost/nodeCosts";
import { portColor, type CanvasNode } from "./drawing";
import { iconOf } from "./families";
import { readInWords } from "./useReadings";
import type { Catalog, Component, Port, Problem, Reading, Values } from "./types";
import { t } from "./words/words";

export type NodeState = "idle" | "checked" | "wrong" | "running" | "live" | "degraded" | "changed";

type Surroundings = {
  catalog: Catalog;
  inputs: Values;
  states: Record<string, NodeState>;
  problems: Record<string, Problem>;
  readings: Record<string, Reading>;
  costs: Record<string, NodeCost>;
};

export const CanvasContext = createContext<Surroundings | null>(null);

export function ComponentNode({ id, data, selected }: NodeProps<CanvasNode>) {
  const { catalog, inputs, states, problems, readings, costs } = useContext(CanvasContext)!;
  const component = catalog.components[data.component];
  if (!component) return <div className="node">{t("node.notInCatalog", { name: data.component })}</div>;
  const Icon = iconOf(component.type);
  const state = states[id] ?? "idle";
  return (
    <div
      className="node"
      style={{ minHeight: heightFor(component) }}
      data-family={component.type}
      data-selected={selected}
      data-state={state}
    >
      <Ports ports={component.inputs} side={Position.Left} kind="target" />
      <Icon size={16} strokeWidth={1.75} className="node-icon" aria-hidden />
      <div className="node-title" lang="en">{component.title}</div>
      <Tooltip label={problems[id]?.message ?? t(`node.${state}`)} openDelay={300} multiline maw={280}>
        <span className="node-dot" role="img" aria-label={t(`node.${state}`)} />
      </Tooltip>
      <div className="node-settings">{telling(component, data.config, inputs)}</div>
      {costs[id] && <CostMark cost={costs[id]} />}
      {problems[id] && <div className="node-problem">{problems[id].message}</div>}
      {readings[id] && <ReadLine reading={readings[id]} />}
      <Ports ports={component.outputs} side={Position.Right} kind="source" />
    </div>
  );
}

function ReadLine({ reading }: { reading: Reading }) {
  const words = readInWords(reading);
  return (
    <Tooltip label={words} openDelay={300} multiline maw={280}>
      <div className="node-read" data-skipped={Object.keys(reading.left_out).length > 0}>{words}</div>
    </Tooltip>
  );
}

const PORT_PITCH = 16;

/** So high that its ports stand apart. */
const heightFor = ({ inputs, outputs }: Component) =>
  (Math.max(Object.keys(inputs).length, Object.keys(outputs).length) + 1) * PORT_PITCH;

function Ports(props: { ports: Record<string, Port>; side: Position; kind: "source" | "target" }) {
  const ports = Object.entries(props.ports);
  return ports.map(([name, port], index) => (
    <Handle
      key={name}
      id={name}
      type={props.kind}
      position={props.side}
      className="port"
      style={{ background: portColor(port.type), top: `${((index + 1) * 100) / (ports.length + 1)}%` }}
    >
      <span className="port-label">
        {name === port.type ? name : `${name}: ${port.type}`}
        {port.optional ? `, ${t("common.optional")}` : ""}
      </span>
    </Handle>
  ));
}

/** The first setting, and those that somebody set. */
function telling(component: Component, config: Values, inputs: Values): string {
  const shown = Object.entries(component.config)
    .map(([name, schema], index) => ({ name, value: config[name] ?? schema.default, first: index === 0 }))
    .filter(({ value }) => value !== undefined && value !== "" && !isEmptyList(value))
    .filter(({ name, first }) => first || name in config)
    .slice(0, 2)
    .map(({ name, value }) => told(name, resolved(value, inputs)));
  return shown.join(" · ") || t("node.defaults");
}

const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;

function told(name: string, value: unknown): string {
  if (typeof value === "number") return `${name.replaceAll("_", " ")} ${value}`;
  return typeof value === "object" ? JSON.stringify(value) : lastPart(String(value));
}

/** Of a path or an address only its end tells something. */
export const lastPart = (text: string) =>
  /^\S*\/\S/.test(text) ? (text.replace(/\/+$/, "").split("/").pop() ?? text) : text;

function resolved(value: unknown, inputs: Values): unknown {
  const [, name] = /^\$\{inputs\.(\w+)\}$/.exec(String(value)) ?? [];
  if (name === undefined) return value;
  const given = inputs[name];
  return given === undefined || given === "" ? t("node.choose", { name: name.replaceAll("_", " ") }) : given;
}
