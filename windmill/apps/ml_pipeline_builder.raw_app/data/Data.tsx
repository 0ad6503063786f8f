import "./data.css";

import { Button, FileButton, Group, Progress, Text } from "@mantine/core";
import { Eye, Upload } from "lucide-react";
import { useState } from "react";

import { place } from "../memory";
import type { Draft, DrawnNode } from "../types";
import { counted, forget, preview, type Preview } from "./preview";
import { PreviewView } from "./PreviewView";
import { clear, folderOf, send } from "./uploads";
import { t } from "../words/words";

/** Which files a source takes, and whether it reads one or a folder of them. */
const TAKES: Record<string, { accept: string; folder: boolean }> = {
  table: { accept: ".csv,.tsv,.jsonl,.ndjson", folder: false },
  documents: { accept: "", folder: true },
};

type Props = { draft: Draft; node: DrawnNode; onPath: (path: string) => void };

export const takesFiles = ({ component }: DrawnNode): boolean => component in TAKES;

/** Data of one's own for a source: sent from here, looked into before anything is deployed. */
export function Data({ draft, node, onPath }: Props) {
  const takes = TAKES[node.component]!;
  const [share, setShare] = useState<number>();
  const [looking, setLooking] = useState(false);
  const [seen, setSeen] = useState<Preview>();
  const [trouble, setTrouble] = useState("");
  const attempt = (work: Promise<unknown>) => work.then(() => setTrouble(""), (error: Error) => setTrouble(error.message));

  const look = async (path?: string) => {
    setLooking(true);
    setSeen(undefined);
    const shown = path === undefined ? node : { ...node, config: { ...node.config, path } };
    await attempt(preview(shown, draft).then(setSeen));
    setLooking(false);
  };
  const sendAll = async (files: File[]) => {
    const folder = folderOf(place().drawing ?? "drawing", node.id);
    setShare(0);
    forget();
    if (takes.folder) await clear(folder);
    let path = "";
    for (const [index, file] of files.entries()) {
      const sent = await send(folder, file, (part) => setShare((index + part) / files.length));
      path = takes.folder ? sent.folder : sent.path;
    }
    onPath(path);
    setShare(undefined);
    await look(path);
  };
  const chosen = (given: File | File[] | null) => {
    const files = [given ?? []].flat();
    if (files.length) void attempt(sendAll(files)).finally(() => setShare(undefined));
  };
  return (
    <section className="data" aria-label={t("data.title")}>
      <Group gap="xs">
        <FileButton onChange={chosen} accept={takes.accept} multiple={takes.folder}>
          {(props) => (
            <Button {...props} size="compact-sm" variant="default" leftSection={<Upload size={14} />} disabled={share !== undefined}>
              {takes.folder ? t("data.uploadFiles") : t("data.uploadFile")}
            </Button>
          )}
        </FileButton>
        <Button size="compact-sm" variant="subtle" leftSection={<Eye size={14} />} loading={looking} disabled={!counted(node.config?.path, draft)} onClick={() => void look()}>
          {t("data.look")}
        </Button>
      </Group>
      {share !== undefined && <Progress value={share * 100} aria-label={t("data.sent")} transitionDuration={0} />}
      {trouble && <Text role="alert" className="bad" size="xs">{trouble}</Text>}
      {seen && <PreviewView seen={seen} />}
    </section>
  );
}
