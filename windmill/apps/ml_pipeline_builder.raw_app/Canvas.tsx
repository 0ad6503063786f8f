import { useComputedColorScheme } from "@mantine/core";
import {
  Background,
  BackgroundVariant,
  Controls,
  MiniMap,
  ReactFlow,
  useReactFlow,
  type FinalConnectionState,
  type Handle,
} from "@xyflow/react";
import { useRef, useState, type DragEvent, type MouseEvent as Click, type ReactNode } from "react";

import { ComponentNode } from "./ComponentNode";
import { canvasLabels } from "./canvasLabels";
import { connection, fitting, joining, whyNot, type End, type Fit } from "./drawing";
import { Fitting, type Spot } from "./Fitting";
import { DRAGGED } from "./Palette";
import { Starter } from "./Starter";
import type { Catalog, Template } from "./types";
import type { Drawing } from "./useDrawing";
import { t } from "./words/words";

const NODE_TYPES = { component: ComponentNode };
// A drawing of as many nodes is more than one look.
const MANY = 8;
const MAP = { width: 136, height: 96 };
// From a node's corner to its ports, so that what is added stands beside the pointer.
const PORT_AT = { x: 208, y: 30 };

type Props = {
  drawing: Drawing;
  history: { hold: () => unknown; release: () => unknown };
  catalog: Catalog;
  onTemplate: (template: Template) => void;
  onRefused: (why: string) => void;
  children: ReactNode;
};

type Asked = { at: Spot; fits: Fit[]; from?: End };

export function Canvas({ drawing, history, catalog, onTemplate, onRefused, children }: Props) {
  const flow = useReactFlow();
  const scheme = useComputedColorScheme("light");
  const firstClick = useRef<End | null>(null);
  const [asked, setAsked] = useState<Asked>();

  const explain = (from: End | null, to: End | null) => {
    if (!from || !to || from.type === to.type) return onRefused("");
    const wanted = connection(from, to);
    onRefused(whyNot(wanted, drawing.nodes, drawing.edges, catalog));
  };

  const dragged = (event: MouseEvent | TouchEvent, { isValid, fromHandle, toHandle }: FinalConnectionState) => {
    const from = endOf(fromHandle);
    if (isValid) return onRefused("");
    if (!from) return;
    const { clientX: x, clientY: y } = "changedTouches" in event ? event.changedTouches[0]! : event;
    const over = toHandle?.nodeId ?? nodeAt(x, y);
    if (over !== undefined) return over === from.node ? undefined : join(from, over, endOf(toHandle));
    if (!isPane(document.elementFromPoint(x, y))) return;
    const component = catalog.components[drawing.nodes.find(({ id }) => id === from.node)?.data.component ?? ""];
    const port = (from.type === "source" ? component?.outputs : component?.inputs)?.[from.port ?? ""];
    if (port) setAsked({ at: { x, y }, from, fits: fitting(port, from.type, catalog) });
  };

  /** Anywhere on a node will do: it knows which of its ports fits. */
  const join = (from: End, node: string, to: End | null) => {
    const found = joining(from, node, to?.port ?? null, drawing, catalog);
    onRefused("");
    if (found) return drawing.connect(found);
    if (to) return explain(from, to);
    const component = catalog.components[drawing.nodes.find(({ id }) => id === node)?.data.component ?? ""];
    const [port] = Object.keys((from.type === "source" ? component?.inputs : component?.outputs) ?? {});
    if (port === undefined) return onRefused(t(from.type === "source" ? "canvas.noInputs" : "canvas.noOutputs", { title: component?.title ?? node }));
    explain(from, { node, port, type: from.type === "source" ? "target" : "source" });
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
    const wanted = connection(from, { node: id, port });
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
        onNodeDragStart={history.hold}
        onNodeDragStop={history.release}
        onNodesChange={drawing.onNodesChange}
        onEdgesChange={drawing.onEdgesChange}
        onConnect={(made) => drawing.connect(made)}
        isValidConnection={(wanted) => !whyNot(wanted, drawing.nodes, drawing.edges, catalog)}
        onConnectEnd={dragged}
        onClickConnectStart={(event) => (firstClick.current = clickedEnd(event.target as Element))}
        onClickConnectEnd={clicked}
        ariaLabelConfig={canvasLabels()}
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
        {drawing.nodes.length >= MANY && <MiniMap pannable zoomable style={MAP} ariaLabel={t("canvas.map")} />}
      </ReactFlow>
      {drawing.nodes.length === 0 && <Starter catalog={catalog} onTemplate={onTemplate} />}
      {asked && <Fitting {...asked} onPick={pick} onClose={() => setAsked(undefined)} />}
      <div className="notes">{children}</div>
    </main>
  );
}

const nodeAt = (x: number, y: number) =>
  document.elementFromPoint(x, y)?.closest<HTMLElement>(".react-flow__node")?.dataset.id;

const isPane = (target: EventTarget | null) => (target as Element | null)?.classList.contains("react-flow__pane");

const endOf = (handle: (Handle & { nodeId?: string }) | null): End | null =>
  handle && { node: handle.nodeId ?? "", port: handle.id ?? null, type: handle.type };

function clickedEnd(element: Element): End | null {
  const handle = element.closest<HTMLElement>(".react-flow__handle");
  if (!handle) return null;
  const { nodeid = "", handleid = null } = handle.dataset;
  return { node: nodeid, port: handleid, type: handle.classList.contains("source") ? "source" : "target" };
}
