import "./outline.css";

import { ActionIcon, Group, NativeSelect, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { Trash2, Unlink, X } from "lucide-react";

import type { NodeState } from "../ComponentNode";
import type { CanvasNode } from "../drawing";
import type { Catalog, Problem } from "../types";
import type { Drawing } from "../useDrawing";
import { t } from "../words/words";
import { asEnd, asText, freeEnds, inReadingOrder, joinedAt, type Side } from "./outlined";

type Props = {
  drawing: Drawing;
  catalog: Catalog;
  states: Record<string, NodeState>;
  problems: Record<string, Problem>;
  onClose: () => void;
};

/** The drawing as a list: all that the canvas shows and does, for whoever does not see it or uses no mouse. */
export function Outline(props: Props) {
  const { drawing, onClose } = props;
  return (
    <section className="outline" aria-label={t("outline.title")}>
      <Group className="panel-head" gap="xs" wrap="nowrap">
        <Text component="h2" fw={600} m={0}>{t("outline.title")}</Text>
        <Text c="dimmed" size="xs">{t("home.nodes", { count: drawing.nodes.length })}</Text>
        <span className="grow" />
        <Tooltip label={t("outline.closeHint")}>
          <ActionIcon variant="subtle" color="gray" aria-label={t("outline.close")} onClick={onClose}><X size={16} /></ActionIcon>
        </Tooltip>
      </Group>
      <ol className="outline-nodes">
        {inReadingOrder(drawing.nodes).map((node) => <Item key={node.id} {...props} node={node} />)}
      </ol>
      {drawing.nodes.length === 0 && <Text c="dimmed" p="md">{t("outline.empty")}</Text>}
    </section>
  );
}

function Item({ node, drawing, catalog, states, problems }: Props & { node: CanvasNode }) {
  const { id } = node;
  const component = catalog.components[node.data.component];
  const chosen = drawing.selected?.id === id;
  const problem = problems[id];
  return (
    <li className="outline-node" data-chosen={chosen}>
      <Group gap="xs" wrap="nowrap">
        <UnstyledButton className="outline-name" aria-expanded={chosen} onClick={() => drawing.select(chosen ? "" : id)}>
          <span lang="en">{component?.title ?? node.data.component}</span> <span className="quiet">{id}</span>
        </UnstyledButton>
        <Text size="xs" c="dimmed">{t(`node.${states[id] ?? "idle"}`)}</Text>
        <ActionIcon variant="subtle" color="gray" aria-label={t("outline.remove", { id })} onClick={() => drawing.remove(id)}><Trash2 size={14} /></ActionIcon>
      </Group>
      {problem && <Text className="bad" size="xs" lang="en">{[problem.message, problem.fix].filter(Boolean).join(" ")}</Text>}
      {component && (["target", "source"] as const).map((side) => <Ports key={side} {...{ node, side, chosen, drawing, catalog }} />)}
    </li>
  );
}

type PortsProps = Pick<Props, "drawing" | "catalog"> & { node: CanvasNode; side: Side; chosen: boolean };

/** What is joined is told of every node; what could be, of the chosen one. */
function Ports({ node, side, chosen, drawing, catalog }: PortsProps) {
  const component = catalog.components[node.data.component]!;
  const ports = Object.entries(side === "target" ? component.inputs : component.outputs);
  if (ports.length === 0) return null;
  return (
    <ul className="outline-ports" aria-label={t(side === "target" ? "outline.inputs" : "outline.outputs", { id: node.id })}>
      {ports.map(([port, { type, optional }]) => {
        const joined = joinedAt(node.id, port, side, drawing.edges);
        return (
          <li key={port}>
            <Text size="xs" span>
              {[port, port !== type && type, optional && t("common.optional")].filter(Boolean).join(", ")}
              {joined.length === 0 && <span className="quiet"> {t("outline.free")}</span>}
            </Text>
            {joined.map(({ edge, end }) => (
              <Group key={edge} gap={4} wrap="nowrap">
                <Text size="xs">{t(side === "target" ? "outline.from" : "outline.to", { end: asText(end) })}</Text>
                {chosen && <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("outline.disconnect", { port, end: asText(end) })} onClick={() => drawing.onEdgesChange([{ type: "remove", id: edge }])}><Unlink size={12} /></ActionIcon>}
              </Group>
            ))}
            {chosen && <Connect {...{ node, side, port, drawing, catalog }} />}
          </li>
        );
      })}
    </ul>
  );
}

function Connect({ node, side, port, drawing, catalog }: Omit<PortsProps, "chosen"> & { port: string }) {
  const free = freeEnds({ node: node.id, port, type: side }, drawing, catalog);
  if (free.length === 0) return null;
  return (
    <NativeSelect
      size="xs"
      aria-label={t("outline.connect", { port })}
      data={[{ value: "", label: t("outline.connectTo") }, ...free.map((end) => ({ value: JSON.stringify(end), label: asText(end) }))]}
      value=""
      onChange={({ target }) => target.value && drawing.connect(asEnd({ node: node.id, port, type: side }, target.value))}
    />
  );
}
