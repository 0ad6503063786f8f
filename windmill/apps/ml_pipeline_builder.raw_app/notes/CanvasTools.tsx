import { ActionIcon, Tooltip } from "@mantine/core";
import { List, Network, StickyNote as StickyNoteIcon } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../words/words";

type Props = { outlined?: boolean; onOutline?: () => void; onArrange?: () => void; onNote: () => void };

/** What is done to a drawing as a whole, beside the canvas' own controls. */
export function CanvasTools({ outlined, onOutline, onArrange, onNote }: Props) {
  return (
    <div className="canvas-tools">
      {onOutline && <Tool label={t("outline.openHint")} name={t("outline.open")} pressed={outlined} onClick={onOutline}><List size={16} strokeWidth={1.75} /></Tool>}
      {onArrange && <Tool label={t("canvas.arrangeHint")} name={t("canvas.arrange")} onClick={onArrange}><Network size={16} strokeWidth={1.75} /></Tool>}
      <Tool label={t("canvas.noteHint")} name={t("common.addNote")} onClick={onNote}><StickyNoteIcon size={16} strokeWidth={1.75} /></Tool>
    </div>
  );
}

function Tool({ label, name, pressed, onClick, children }: { label: string; name: string; pressed?: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <Tooltip label={label} position="right">
      <ActionIcon variant="default" size={28} aria-label={name} aria-pressed={pressed} onClick={onClick}>{children}</ActionIcon>
    </Tooltip>
  );
}
