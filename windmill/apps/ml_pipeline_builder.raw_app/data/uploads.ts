import { asked } from "../platform";
import { t } from "../words/words";

// A request is smaller than the gateway takes at once.
const PART_BYTES = 900_000;

export type Sent = { path: string; folder: string; bytes: number };

/** What a drawing's node reads is kept in a folder of its own. */
export const folderOf = (drawing: string, place: string): string =>
  `${drawing}-${place}`.toLowerCase().replace(/[^a-z0-9_-]/g, "-").slice(0, 80);

/** In parts, as the share that is there is told; an empty file is one part. */
export async function send(folder: string, file: File, onShare: (share: number) => void): Promise<Sent> {
  const url = `/builder/uploads/${folder}/${encodeURIComponent(file.name)}`;
  let sent: Sent | undefined;
  for (let at = 0; at === 0 || at < file.size; at += PART_BYTES) {
    sent = await asked("PUT", `${url}?at=${at}`, t("platform.filesElsewhere"), file.slice(at, at + PART_BYTES));
    onShare(Math.min(1, (at + PART_BYTES) / file.size));
  }
  return sent!;
}

export const clear = (folder: string): Promise<unknown> => asked("DELETE", `/builder/uploads/${folder}`, t("platform.filesElsewhere"));
