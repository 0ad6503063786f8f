import "./try.css";

import { Button, FileInput, Group, NumberInput, Text, Textarea } from "@mantine/core";
import { useState, type FormEvent } from "react";

import type { Values } from "../types";
import { Batch } from "./Batch";
import { Prediction } from "./Prediction";
import { RowForm } from "./RowForm";
import { firstValues, predict, readFile, type Takes } from "./takes";
import { seconds } from "../words/figures";
import { t } from "../words/words";

type Props = { deploymentId: string; takes: Takes; file?: string };
type Outcome = { output?: unknown; trouble?: string; seconds: number };

// A request travels as one job of Windmill's.
const MB = 1_000_000;
const MOST_BYTES = 10 * MB;

/** One prediction, asked for as people say it: by columns, a text, a file or a number. */
export function Predict({ deploymentId, takes, file }: Props) {
  const [input, setInput] = useState<unknown>(() => (takes.kind === "row" ? firstValues(takes) : begun(takes)));
  const [outcome, setOutcome] = useState<Outcome>();
  const [waiting, setWaiting] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setWaiting(true);
    const began = performance.now();
    const found = await predict(deploymentId, input).then(
      (output) => ({ output }),
      (error: Error) => ({ trouble: error.message }),
    );
    setOutcome({ ...found, seconds: (performance.now() - began) / 1000 });
    setWaiting(false);
  };
  return (
    <section className="try-it" aria-label={t("live.predict")}>
      <form onSubmit={send} className="predict-form">
        <Input takes={takes} input={input} onInput={setInput} />
        <Group justify="flex-end">
          <Button type="submit" loading={waiting} disabled={input === undefined}>{t("live.predict")}</Button>
        </Group>
      </form>
      {outcome && (
        <div aria-live="polite" role="group" aria-label={t("predict.prediction")}>
          {outcome.trouble ? <Text role="alert" className="bad">{outcome.trouble}</Text> : <Prediction output={outcome.output} />}
          <Text c="dimmed" size="xs">{t("tryIt.took", { time: seconds(outcome.seconds) })}</Text>
        </div>
      )}
      {file && <Batch deploymentId={deploymentId} path={file} columns={takes.columns.map(({ name }) => name)} />}
    </section>
  );
}

const begun = ({ kind, example }: Takes): unknown => (kind === "horizon" ? example : undefined);

type InputProps = { takes: Takes; input: unknown; onInput: (input: unknown) => void };

function Input({ takes, input, onInput }: InputProps) {
  switch (takes.kind) {
    case "row":
      return <RowForm columns={takes.columns} values={input as Values} onChange={onInput} />;
    case "horizon":
      return (
        <NumberInput
          label={t("predict.ahead")}
          description={t("predict.aheadHint")}
          min={1}
          value={(input as { horizon: number }).horizon}
          onChange={(horizon) => onInput({ horizon })}
        />
      );
    case "image":
    case "audio":
      return <FileOf kind={takes.kind} onInput={onInput} />;
    default:
      return <Textarea label={t("predict.text")} autosize minRows={3} maxRows={12} onChange={(event) => onInput(event.target.value || undefined)} />;
  }
}

/** Shown, or played, as it is sent. */
function FileOf({ kind, onInput }: { kind: "image" | "audio"; onInput: InputProps["onInput"] }) {
  const [data, setData] = useState("");
  const [trouble, setTrouble] = useState("");
  const take = async (file: File | null) => {
    onInput(undefined);
    setData("");
    if (!file) return;
    if (file.size > MOST_BYTES) return setTrouble(t("predict.tooLarge", { n: MOST_BYTES / MB }));
    const read = await readFile(file, "data");
    setTrouble("");
    setData(read);
    onInput({ [kind]: read });
  };
  const label = t(kind === "image" ? "predict.image" : "predict.recording");
  return (
    <>
      <FileInput label={label} placeholder={t("common.chooseFile")} accept={`${kind}/*`} error={trouble || undefined} onChange={take} clearable />
      {data && kind === "image" && <img className="try-image" src={data} alt={t("predict.sent")} />}
      {data && kind === "audio" && <audio controls src={data} aria-label={t("predict.sent")} />}
    </>
  );
}
