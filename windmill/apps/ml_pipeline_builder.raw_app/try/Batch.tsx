import { Button, FileInput, Group, Progress, Text } from "@mantine/core";
import { Download } from "lucide-react";
import { useState } from "react";

import { download, readFile, scoreFile } from "./takes";
import { t } from "../words/words";

// A request travels as one job of Windmill's.
const MB = 1_000_000;
const MOST_BYTES = 5 * MB;

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
    <section className="batch" aria-label={t("predict.forTable")}>
      <FileInput
        label={t("predict.wholeTable")}
        description={t("predict.columns", { columns: columns.slice(0, 6).join(", ") + (columns.length > 6 ? " …" : "") })}
        placeholder={t("predict.chooseCsv")}
        accept=".csv,text/csv"
        value={file}
        onChange={(chosen) => (setFile(chosen), setDone(undefined))}
        error={tooLarge ? t("predict.tableTooLarge", { n: MOST_BYTES / MB }) : undefined}
        clearable
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={send} loading={waiting} disabled={!file || tooLarge}>{t("predict.all")}</Button>
      </Group>
      {waiting && <Progress value={100} animated aria-label={t("predict.predicting")} />}
      {trouble && <Text role="alert" className="bad">{trouble}</Text>}
      {done && (
        <Group role="status">
          <Text>{t("predict.rows", { count: done.rows })}</Text>
          <Button size="compact-sm" leftSection={<Download size={14} />} onClick={() => download(done.name, done.csv)}>{t("predict.download", { name: done.name })}</Button>
        </Group>
      )}
    </section>
  );
}
