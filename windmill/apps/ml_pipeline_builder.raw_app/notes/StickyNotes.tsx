import "./notes.css";

import { ViewportPortal, useReactFlow, type ReactFlowInstance } from "@xyflow/react";
import { X } from "lucide-react";
import { useRef, useState, type PointerEvent } from "react";

import type { StickyNote } from "../types";
import { t } from "../words/words";

type Props = { notes: StickyNote[]; onChange: (notes: StickyNote[]) => void };

const GRID = 8;
const MOST_LETTERS = 2000;

/** What people leave beside the nodes; it lives in the entry. What is typed counts once it is left. */
export function StickyNotes({ notes, onChange }: Props) {
  const put = (index: number, note: StickyNote | undefined) => onChange(notes.flatMap((each, at) => (at !== index ? [each] : note ? [note] : [])));
  return (
    <ViewportPortal>
      {notes.map((note, index) => <Sticky key={index} note={note} onChange={(changed) => put(index, changed)} onRemove={() => put(index, undefined)} />)}
    </ViewportPortal>
  );
}

type StickyProps = { note: StickyNote; onChange: (note: StickyNote) => void; onRemove: () => void };

function Sticky({ note, onChange, onRemove }: StickyProps) {
  const { getZoom } = useReactFlow();
  const held = useRef<{ x: number; y: number }>(null);
  const [moved, setMoved] = useState({ x: 0, y: 0 });
  const hold = (event: PointerEvent<HTMLElement>) => {
    held.current = { x: event.clientX, y: event.clientY };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = ({ clientX, clientY }: PointerEvent) => {
    const from = held.current;
    if (from) setMoved({ x: (clientX - from.x) / getZoom(), y: (clientY - from.y) / getZoom() });
  };
  const release = () => {
    held.current = null;
    if (moved.x || moved.y) onChange({ ...note, x: onGrid(note.x + moved.x), y: onGrid(note.y + moved.y) });
    setMoved({ x: 0, y: 0 });
  };
  return (
    <div className="sticky nopan nodrag nowheel" style={{ transform: `translate(${note.x + moved.x}px, ${note.y + moved.y}px)` }}>
      <header className="sticky-bar" onPointerDown={hold} onPointerMove={move} onPointerUp={release}>
        <button type="button" aria-label={t("canvas.removeNote")} onPointerDown={(event) => event.stopPropagation()} onClick={onRemove}><X size={12} /></button>
      </header>
      <textarea
        key={note.text}
        aria-label={t("canvas.note")}
        maxLength={MOST_LETTERS}
        placeholder={t("canvas.noteHolder")}
        autoFocus={note.text === ""}
        defaultValue={note.text}
        onBlur={({ target }) => target.value !== note.text && onChange({ ...note, text: target.value })}
      />
    </div>
  );
}

const onGrid = (length: number) => Math.round(length / GRID) * GRID;

/** An empty one, beside the middle of what is seen. */
export function noteInView(flow: Pick<ReactFlowInstance, "screenToFlowPosition">): StickyNote {
  const { x, y } = flow.screenToFlowPosition({ x: window.innerWidth / 2 - 192, y: 140 });
  return { text: "", x: onGrid(x), y: onGrid(y) };
}
