import type { Problem } from "../types";

/** `drawing`: it is no entry yet. */
export type EntryState = "drawing" | "new" | "changed" | "saved";

/** An entry while it is worked on: its text here, its text in Git, and the ways between. */
export type EntryOfText = {
  /** Where it would be saved. */
  key: string;
  state: EntryState;
  text: string;
  source?: { key: string; commit: string | null; base: string };
  shown: boolean;
  show: () => Promise<void> | void;
  /** Makes an entry of what is none yet. */
  begin: () => Promise<void> | void;
  /** Brings the text up to what is drawn, at once. */
  settle: () => void;
  type: (text: string) => void;
  /** Takes another text whole; gives what keeps it from being drawn. */
  take: (other: { text: string; commit?: string | null; key?: string }, base?: string) => Problem[];
  saved: (commit: string, key: string, as: string) => void;
  /** What was typed last where it cannot be drawn, and why. */
  broken?: { text: string; problems: Problem[] };
  drop: () => void;
};
