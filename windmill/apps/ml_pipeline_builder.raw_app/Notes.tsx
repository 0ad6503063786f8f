import { Alert, Notification } from "@mantine/core";
import { Info, PlugZap, Unplug } from "lucide-react";
import { useEffect } from "react";
import { t } from "./words/words";

const SHOWN_MS = 8000;

export type Note = { kind: "told" | "refused"; words: string };

/** Something to know, for a while. */
export function Noted({ note, onClose }: { note: Note; onClose: () => void }) {
  useEffect(() => {
    const timer = window.setTimeout(onClose, SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [note]);
  const refused = note.kind === "refused";
  return (
    <Notification
      role={refused ? "alert" : "status"}
      withBorder
      color={refused ? "orange" : "indigo"}
      icon={refused ? <Unplug size={16} /> : <Info size={16} />}
      onClose={onClose}
      closeButtonProps={{ "aria-label": t("notes.close") }}
    >
      {note.words}
    </Notification>
  );
}

/** Something that does not work; it stays until it does. */
export function Trouble({ words, onClose }: { words: string; onClose?: () => void }) {
  return (
    <Alert
      className="trouble"
      color="red"
      icon={<PlugZap size={16} />}
      title={t("notes.trouble")}
      withCloseButton={onClose !== undefined}
      closeButtonLabel={t("common.close")}
      onClose={onClose}
    >
      {words}
    </Alert>
  );
}
