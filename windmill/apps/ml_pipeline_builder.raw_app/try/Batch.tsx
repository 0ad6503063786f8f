import { Button, FileInput, Group, Progress, Text } from "@mantine/core";
import { Download } from "lucide-react";
import { useState } from "react";

import { download, readFile, scoreFile } from "./takes";

// A request travels as one job of Windmill's.
const MOST_BYTES = 5_000_000;

type Props = { deploymentId: string; path: string; columns: string[] };
type Done = { name: string; csv: string; rows: number };

/** A whole table: the same comes back with what is predicted beside its columns. */
export function Batch({ deploymentId, path, columns }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [waiting, setWaiting] = useState(false);
  const [done, setDone] = useState<Done>();
  const [trouble, setTrouble] = useState("");
  const tooLarge = file !== null && file.size > MOST_BYTES;
  const send = async () => {
    setWaiting(true);
    setTrouble("");
    setDone(undefined);
    await readFile(file!, "text")
      .then((text) => scoreFile(deploymentId, path, text))
      .then(
        (csv) => setDone({ name: file!.name.replace(/(\.\w+)?$/, "-predicted.csv"), csv, rows: csv.trimEnd().split("\n").length - 1 }),
        (error: Error) => setTrouble(error.message),
      );
    setWaiting(false);
  };
  return (
    <section className="batch" aria-label="Predict for a whole table">
      <FileInput
        label="A whole table"
        description={`CSV with the columns ${columns.slice(0, 6).join(", ")}${columns.length > 6 ? " …" : ""}`}
        placeholder="Choose a CSV file"
        accept=".csv,text/csv"
        value={file}
        onChange={(chosen) => (setFile(chosen), setDone(undefined))}
        error={tooLarge ? "It is larger than 5 MB. `mlops predict` takes larger ones." : undefined}
        clearable
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={send} loading={waiting} disabled={!file || tooLarge}>Predict for all rows</Button>
      </Group>
      {waiting && <Progress value={100} animated aria-label="Predicting" />}
      {trouble && <Text role="alert" className="bad">{trouble}</Text>}
      {done && (
        <Group role="status">
          <Text>{`${done.rows} rows predicted`}</Text>
          <Button size="compact-sm" leftSection={<Download size={14} />} onClick={() => download(done.name, done.csv)}>{`Download ${done.name}`}</Button>
        </Group>
      )}
    </section>
  );
}
