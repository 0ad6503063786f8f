import { useComputedColorScheme } from "@mantine/core";
import {
  Background,
  BackgroundVariant,
  Controls,
  ReactFlow,
  useReactFlow,
  type FinalConnectionState,
  type Handle,
} from "@xyflow/react";
import { useRef, useState, type DragEvent, type MouseEvent as Click, type ReactNode } from "react";

import { ComponentNode } from "./ComponentNode";
import { fitting, whyNot, type Fit } from "./drawing";
import { Fitting, type Spot } from "./Fitting";
import { DRAGGED } from "./Palette";
import { Starter } from "./Starter";
import type { Catalog, Template } from "./types";
import type { Drawing } from "./useDrawing";

const NODE_TYPES = { component: ComponentNode };
// From a node's corner to its ports, so that what is added stands beside the pointer.
const PORT_AT = { x: 208, y: 30 };

type Props = {
  drawing: Drawing;
  catalog: Catalog;
  onTemplate: (template: Template) => void;
  onRefused: (why: string) => void;
  children: ReactNode;
};

type End = { node: string; port: string | null; type: "source" | "target" };
type Asked = { at: Spot; fits: Fit[]; from?: End };

export function Canvas({ drawing, catalog, onTemplate, onRefused, children }: Props) {
  const flow = useReactFlow();
  const scheme = useComputedColorScheme("light");
  const firstClick = useRef<End | null>(null);
  const [asked, setAsked] = useState<Asked>();

  const explain = (from: End | null, to: End | null) => {
    if (!from || !to || from.type === to.type) return onRefused("");
    const [source, target] = from.type === "source" ? [from, to] : [to, from];
    const wanted = {
      source: source.node,
      sourceHandle: source.port,
      target: target.node,
      targetHandle: target.port,
    };
    onRefused(whyNot(wanted, drawing.nodes, drawing.edges, catalog));
  };

  const dragged = (event: MouseEvent | TouchEvent, { isValid, fromHandle, toHandle }: FinalConnectionState) => {
    const from = endOf(fromHandle);
    if (isValid) return onRefused("");
    if (toHandle || !from || !isPane(event.target)) return explain(from, endOf(toHandle));
    const { clientX: x, clientY: y } = "changedTouches" in event ? event.changedTouches[0]! : event;
    const component = catalog.components[drawing.nodes.find(({ id }) => id === from.node)?.data.component ?? ""];
    const port = (from.type === "source" ? component?.outputs : component?.inputs)?.[from.port ?? ""];
    if (port) setAsked({ at: { x, y }, from, fits: fitting(port, from.type, catalog) });
  };

  // Two clicks connect as well; of those React Flow tells only where they went.
  const clicked = (event: MouseEvent | TouchEvent) => {
    const to = clickedEnd(event.target as Element);
    explain(firstClick.current, to);
    firstClick.current = null;
  };

  const doubleClicked = ({ target, clientX: x, clientY: y }: Click) => {
    const fits = Object.values(catalog.components).map((component) => ({ component, port: null }));
    if (isPane(target)) setAsked({ at: { x, y }, fits });
  };

  const pick = ({ component, port }: Fit) => {
    const { at, from } = asked!;
    const { x, y } = flow.screenToFlowPosition(at);
    const giver = from?.type === "target";
    const id = drawing.add(component.name, { x: giver ? x - PORT_AT.x : x, y: y - PORT_AT.y });
    setAsked(undefined);
    if (!from || !port) return;
    const here = { source: id, sourceHandle: port, target: from.node, targetHandle: from.port };
    const there = { source: from.node, sourceHandle: from.port, target: id, targetHandle: port };
    const wanted = giver ? here : there;
    const taken = giver && drawing.edges.some(({ target, targetHandle }) => target === from.node && targetHandle === from.port);
    if (!taken) drawing.connect(wanted, giver ? component.name : undefined);
  };

  const drop = (event: DragEvent) => {
    const component = event.dataTransfer.getData(DRAGGED);
    if (component in catalog.components)
      drawing.add(component, flow.screenToFlowPosition({ x: event.clientX - 104, y: event.clientY - 28 }));
  };

  return (
    <main
      className="canvas"
      onDrop={drop}
      onDragOver={(event) => event.preventDefault()}
      onDoubleClick={doubleClicked}
    >
      <ReactFlow
        nodes={drawing.nodes}
        edges={drawing.edges}
        nodeTypes={NODE_TYPES}
        onNodesChange={drawing.onNodesChange}
        onEdgesChange={drawing.onEdgesChange}
        onConnect={(made) => drawing.connect(made)}
        isValidConnection={(wanted) => !whyNot(wanted, drawing.nodes, drawing.edges, catalog)}
        onConnectEnd={dragged}
        onClickConnectStart={(event) => (firstClick.current = clickedEnd(event.target as Element))}
        onClickConnectEnd={clicked}
        deleteKeyCode={["Delete", "Backspace"]}
        colorMode={scheme}
        snapToGrid
        snapGrid={[8, 8]}
        minZoom={0.2}
        zoomOnDoubleClick={false}
        fitView
        fitViewOptions={{ padding: 0.08, maxZoom: 1 }}
      >
        <Background variant={BackgroundVariant.Dots} gap={24} size={1} />
        <Controls showInteractive={false} />
      </ReactFlow>
      {drawing.nodes.length === 0 && <Starter catalog={catalog} onTemplate={onTemplate} />}
      {asked && <Fitting {...asked} onPick={pick} onClose={() => setAsked(undefined)} />}
      <div className="notes">{children}</div>
    </main>
  );
}

const isPane = (target: EventTarget | null) => (target as Element | null)?.classList.contains("react-flow__pane");

const endOf = (handle: (Handle & { nodeId?: string }) | null): End | null =>
  handle && { node: handle.nodeId ?? "", port: handle.id ?? null, type: handle.type };

function clickedEnd(element: Element): End | null {
  const handle = element.closest<HTMLElement>(".react-flow__handle");
  if (!handle) return null;
  const { nodeid = "", handleid = null } = handle.dataset;
  return { node: nodeid, port: handleid, type: handle.classList.contains("source") ? "source" : "target" };
}
