import { Text, useComputedColorScheme } from "@mantine/core";
import { Background, BackgroundVariant, Controls, Handle, Position, ReactFlow, ReactFlowProvider, type Edge, type Node, type NodeProps } from "@xyflow/react";
import { useMemo, useState } from "react";

import { layered } from "../layered";
import { difference, type Field, type Mark, type Part } from "./difference";
import { t, type Key } from "../words/words";

type PartNode = Node<{ part: Part }, "part">;

const SIZE = { width: 208, height: 60 };
const NODE_TYPES = { part: PartView };
const MARKS = { added: "entry.added", removed: "entry.removed", changed: "entry.changedPart" } as const;
const WORDS: Record<Mark, Key> = { added: "plan.added", removed: "plan.removed", changed: "plan.changed", same: "entry.asBefore" };
const PORT = { y: SIZE.height / 2, width: 1, height: 1 };
const HANDLES = [{ type: "target" as const, position: Position.Left, x: 0, ...PORT }, { type: "source" as const, position: Position.Right, x: SIZE.width, ...PORT }];

/** Two versions of an entry in one drawing: what came, what went, what changed. */
export function DiffCanvas({ before, after }: { before: string; after: string }) {
  const scheme = useComputedColorScheme("light");
  const found = useMemo(() => difference(before, after), [before, after]);
  const [chosen, setChosen] = useState<string>();
  const [nodes, edges] = useMemo(() => drawing(found), [found]);
  const part = found.parts.find(({ id }) => id === chosen);
  const counts = (Object.keys(MARKS) as (keyof typeof MARKS)[]).map((mark) => `${found.parts.filter((each) => each.mark === mark).length} ${t(MARKS[mark])}`).join(", ");
  return (
    <>
      <Text c="dimmed">{counts}</Text>
      <div className="diff-canvas">
        <ReactFlowProvider>
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={NODE_TYPES}
            nodesDraggable={false}
            nodesConnectable={false}
            onNodeClick={(_, { id }) => setChosen(id)}
            deleteKeyCode={null}
            colorMode={scheme}
            minZoom={0.2}
            fitView
            fitViewOptions={{ padding: 0.12, maxZoom: 1 }}
          >
            <Background variant={BackgroundVariant.Dots} gap={24} size={1} />
            <Controls showInteractive={false} />
          </ReactFlow>
        </ReactFlowProvider>
      </div>
      {part && <Fields title={`${part.id}: ${t(WORDS[part.mark])}`} fields={part.fields} />}
      {found.rest.length > 0 && <Fields title={t("entry.rest")} fields={found.rest} />}
    </>
  );
}

function drawing({ parts, joins }: ReturnType<typeof difference>): [PartNode[], Edge[]] {
  const spots = layered(parts.map(({ id }) => ({ id, ...SIZE })), joins);
  const nodes = parts.map((part): PartNode => ({ id: part.id, type: "part", position: spots.get(part.id)!, ...SIZE, handles: HANDLES, data: { part } }));
  const edges = joins.map(({ from, to, mark }, index): Edge => ({ id: `${index}`, source: from, target: to, type: "smoothstep", className: `mark-${mark}` }));
  return [nodes, edges];
}

function PartView({ data: { part } }: NodeProps<PartNode>) {
  return (
    <div className="node part" data-mark={part.mark}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <span className="node-title">{part.id}</span>
      <span className="part-mark">{part.mark !== "same" && t(WORDS[part.mark])}</span>
      <span className="node-settings">{part.of}</span>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}

function Fields({ title, fields }: { title: string; fields: Field[] }) {
  return (
    <section className="changed-fields" aria-label={title}>
      <Text fw={600}>{title}</Text>
      <dl>
        {fields.map(({ field, before, after }) => (
          <div key={field}>
            <dt><code>{field}</code></dt>
            <dd><del>{inWords(before)}</del> <ins>{inWords(after)}</ins></dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const inWords = (value: unknown) => (value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value));
