import type { Deployed, Draft, DrawnEdge, DrawnNode, Run, Template } from "./types";

const COLUMN = 272;
const ROW = 136;
const COLUMNS = 3;

export const emptyDraft = (target: string): Draft => ({
  template: "",
  name: "my-pipeline",
  target,
  declared: {},
  inputs: {},
  compute: {},
  nodes: [],
  edges: [],
});

export function fromTemplate(template: Template, target: string): Draft {
  const inputs = Object.fromEntries(
    Object.entries(template.inputs ?? {}).flatMap(([name, schema]) =>
      schema.default === undefined ? [] : [[name, schema.default]],
    ),
  );
  const { nodes, edges = [] } = template.graph;
  return {
    template: template.name,
    name: template.name,
    target,
    declared: template.inputs ?? {},
    inputs,
    compute: template.compute ?? {},
    nodes: laidOut(nodes, edges),
    edges,
    ...(template.notes && { notes: template.notes }),
  };
}

/** What runs, at its revision: its inputs are put in already. */
export const fromDeployed = ({ name, nodes, edges = [], compute = {} }: Deployed, target: string): Draft => ({
  ...emptyDraft(target),
  name,
  compute,
  nodes: laidOut(nodes, edges),
  edges,
});

/** What was sent with a run. */
export const fromSent = (sent: NonNullable<Run["drawn"]>, target: string): Draft => ({
  ...fromDeployed(sent, sent.target ?? target),
  declared: sent.declared,
  inputs: sent.inputs,
});

/** A template has no positions: from left to right as data flows, three steps a band. */
export function laidOut(nodes: DrawnNode[], edges: DrawnEdge[]): DrawnNode[] {
  const steps = stepOf(nodes, edges);
  const filled: Record<number, number> = {};
  const placed = nodes.map((node) => {
    const step = steps[node.id] ?? 0;
    const row = filled[step] ?? 0;
    filled[step] = row + 1;
    return { node, step, row };
  });
  const height = (band: number) =>
    Math.max(0, ...placed.filter(({ step }) => Math.floor(step / COLUMNS) === band).map(({ row }) => row + 1));
  const top = (band: number): number => (band === 0 ? 0 : top(band - 1) + height(band - 1));
  return placed.map(({ node, step, row }) => ({
    ...node,
    position: node.position ?? {
      x: (step % COLUMNS) * COLUMN,
      y: (top(Math.floor(step / COLUMNS)) + row) * ROW,
    },
  }));
}

/** The longest way to a node from where data begins. */
function stepOf(nodes: DrawnNode[], edges: DrawnEdge[]): Record<string, number> {
  const steps: Record<string, number> = Object.fromEntries(nodes.map(({ id }) => [id, 0]));
  // As many rounds as there are nodes is enough, also should somebody draw a circle.
  for (const _ of nodes)
    for (const { source, target } of edges)
      steps[target] = Math.min(nodes.length, Math.max(steps[target] ?? 0, (steps[source] ?? 0) + 1));
  return steps;
}
