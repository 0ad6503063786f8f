import { Notification, useComputedColorScheme } from "@mantine/core";
import {
  Background,
  BackgroundVariant,
  Controls,
  ReactFlow,
  useReactFlow,
  type FinalConnectionState,
  type Handle,
} from "@xyflow/react";
import { Unplug } from "lucide-react";
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from "react";

import { ComponentNode } from "./ComponentNode";
import { whyNot } from "./drawing";
import { DRAGGED } from "./Palette";
import type { Catalog } from "./types";
import type { Drawing } from "./useDrawing";

const NODE_TYPES = { component: ComponentNode };
const SHOWN_MS = 8000;

type Props = { drawing: Drawing; catalog: Catalog; children: ReactNode };

export function Canvas({ drawing, catalog, children }: Props) {
  const flow = useReactFlow();
  const scheme = useComputedColorScheme("light");
  const [refusal, setRefusal] = useState("");
  const firstClick = useRef<End | null>(null);
  useEffect(() => {
    if (!refusal) return;
    const timer = window.setTimeout(() => setRefusal(""), SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [refusal]);

  const explain = (from: End | null, to: End | null) => {
    if (!from || !to || from.type === to.type) return setRefusal("");
    const [source, target] = from.type === "source" ? [from, to] : [to, from];
    const wanted = {
      source: source.node,
      sourceHandle: source.port,
      target: target.node,
      targetHandle: target.port,
    };
    setRefusal(whyNot(wanted, drawing.nodes, drawing.edges, catalog));
  };

  const dragged = (_: unknown, { isValid, fromHandle, toHandle }: FinalConnectionState) =>
    isValid ? setRefusal("") : explain(endOf(fromHandle), endOf(toHandle));

  // Two clicks connect as well; of those React Flow tells only where they went.
  const clicked = (event: MouseEvent | TouchEvent) => {
    const to = clickedEnd(event.target as Element);
    explain(firstClick.current, to);
    firstClick.current = null;
  };

  const drop = (event: DragEvent) => {
    const component = event.dataTransfer.getData(DRAGGED);
    if (component in catalog.components)
      drawing.add(component, flow.screenToFlowPosition({ x: event.clientX - 116, y: event.clientY - 28 }));
  };

  return (
    <main className="canvas" onDrop={drop} onDragOver={(event) => event.preventDefault()}>
      <ReactFlow
        nodes={drawing.nodes}
        edges={drawing.edges}
        nodeTypes={NODE_TYPES}
        onNodesChange={drawing.onNodesChange}
        onEdgesChange={drawing.onEdgesChange}
        onConnect={drawing.connect}
        isValidConnection={(wanted) => !whyNot(wanted, drawing.nodes, drawing.edges, catalog)}
        onConnectEnd={dragged}
        onClickConnectStart={(event) => (firstClick.current = clickedEnd(event.target as Element))}
        onClickConnectEnd={clicked}
        deleteKeyCode={["Delete", "Backspace"]}
        colorMode={scheme}
        snapToGrid
        snapGrid={[8, 8]}
        minZoom={0.2}
        fitView
        fitViewOptions={{ padding: 0.12, maxZoom: 1 }}
      >
        <Background variant={BackgroundVariant.Dots} gap={24} size={1} />
        <Controls showInteractive={false} />
      </ReactFlow>
      {drawing.nodes.length === 0 && (
        <p className="empty">Add a component from the left, or open a template above.</p>
      )}
      <div className="notes">
        {refusal && (
          <Notification role="alert" withBorder color="orange" icon={<Unplug size={16} />} onClose={() => setRefusal("")}>
            {refusal}
          </Notification>
        )}
        {children}
      </div>
    </main>
  );
}

type End = { node: string; port: string | null; type: string };

const endOf = (handle: Handle & { nodeId?: string } | null): End | null =>
  handle && { node: handle.nodeId ?? "", port: handle.id ?? null, type: handle.type };

function clickedEnd(element: Element): End | null {
  const handle = element.closest<HTMLElement>(".react-flow__handle");
  if (!handle) return null;
  const { nodeid = "", handleid = null } = handle.dataset;
  return { node: nodeid, port: handleid, type: handle.classList.contains("source") ? "source" : "target" };
}
