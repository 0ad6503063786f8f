import { useComputedColorScheme } from "@mantine/core";
import { Background, BackgroundVariant, Controls, MarkerType, MiniMap, ReactFlow, useReactFlow, type Connection, type Edge } from "@xyflow/react";
import { useEffect, useMemo, type ReactNode } from "react";

import type { NodeCost } from "../cost/nodeCosts";
import { canvasLabels } from "../canvasLabels";
import { layered } from "../layered";
import type { StepState } from "../types";
import { waitsOf, whyNotWait, type Composition, type Wait } from "./composition";
import { STEP_HANDLES, STEP_SIZE, StepNode, type StepCanvasNode } from "./StepNode";
import { t } from "../words/words";

const NODE_TYPES = { step: StepNode };
const MANY = 8;
const FIT = { padding: 0.12, maxZoom: 1 };

type Props = {
  composition: Composition;
  chosen: string | undefined;
  stateOf: (step: string) => StepState | undefined;
  costOf: (step: string) => NodeCost | undefined;
  onChoose: (step: string | undefined) => void;
  onOpen: (step: string) => void;
  onWait: (from: string, to: string) => void;
  onUnwait: (wait: Wait) => void;
  onRemove: (step: string) => void;
  onRefused: (words: string) => void;
  children: ReactNode;
};

/** Steps from left to right as they wait for each other; where they stand follows from that alone. */
export function StepCanvas({ composition, chosen, stateOf, costOf, onChoose, onOpen, onWait, onUnwait, onRemove, onRefused, children }: Props) {
  const scheme = useComputedColorScheme("light");
  const flow = useReactFlow();
  const steps = composition.steps ?? [];
  const waits = useMemo(() => waitsOf(composition), [composition]);
  const spots = useMemo(() => layered(steps.map(({ id }) => ({ id, ...STEP_SIZE })), waits), [composition]);
  const nodes = steps.map((step): StepCanvasNode => ({
    id: step.id,
    type: "step",
    position: spots.get(step.id)!,
    width: STEP_SIZE.width,
    height: STEP_SIZE.height,
    handles: STEP_HANDLES,
    selected: step.id === chosen,
    data: { step, state: stateOf(step.id), cost: costOf(step.id) },
  }));
  const edges = waits.map((each): Edge => ({
    id: `${each.from}>${each.to}`,
    source: each.from,
    target: each.to,
    type: "smoothstep",
    markerEnd: { type: MarkerType.ArrowClosed },
    className: each.by.includes("needs") ? "needs" : "given",
    data: { by: each },
  }));
  const shape = steps.map(({ id }) => id).join();
  useEffect(() => {
    const timer = window.setTimeout(() => void flow.fitView(FIT), 50);
    return () => window.clearTimeout(timer);
  }, [shape]);
  const connect = ({ source, target }: Connection) => {
    const why = whyNotWait(composition, source, target);
    return why ? onRefused(why) : onWait(source, target);
  };
  return (
    <main className="canvas">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        nodesDraggable={false}
        onNodeClick={(_, { id }) => onChoose(id)}
        onNodeDoubleClick={(_, { id }) => onOpen(id)}
        onNodesChange={(changes) => changes.forEach((each) => each.type === "select" && each.selected && onChoose(each.id))}
        onPaneClick={() => onChoose(undefined)}
        onConnect={connect}
        onDelete={({ nodes, edges }) => (nodes.length > 0 ? nodes.forEach(({ id }) => onRemove(id)) : edges.forEach(({ data }) => onUnwait(data!.by as Wait)))}
        ariaLabelConfig={canvasLabels()}
        deleteKeyCode={["Delete", "Backspace"]}
        colorMode={scheme}
        minZoom={0.2}
        zoomOnDoubleClick={false}
        fitView
        fitViewOptions={FIT}
      >
        <Background variant={BackgroundVariant.Dots} gap={24} size={1} />
        <Controls showInteractive={false} />
        {steps.length >= MANY && <MiniMap pannable zoomable ariaLabel={t("canvas.stepMap")} style={{ width: 136, height: 96 }} />}
      </ReactFlow>
      <div className="notes">{children}</div>
    </main>
  );
}
