import { ActionIcon, Tooltip } from "@mantine/core";
import { Network, StickyNote as StickyNoteIcon } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../words/words";

/** What is done to a drawing as a whole, beside the canvas' own controls. */
export function CanvasTools({ onArrange, onNote }: { onArrange?: () => void; onNote: () => void }) {
  return (
    <div className="canvas-tools">
      {onArrange && <Tool label={t("canvas.arrangeHint")} name={t("canvas.arrange")} onClick={onArrange}><Network size={16} strokeWidth={1.75} /></Tool>}
      <Tool label={t("canvas.noteHint")} name={t("common.addNote")} onClick={onNote}><StickyNoteIcon size={16} strokeWidth={1.75} /></Tool>
    </div>
  );
}

function Tool({ label, name, onClick, children }: { label: string; name: string; onClick: () => void; children: ReactNode }) {
  return (
    <Tooltip label={label} position="right">
      <ActionIcon variant="default" size={28} aria-label={name} onClick={onClick}>{children}</ActionIcon>
    </Tooltip>
  );
}
