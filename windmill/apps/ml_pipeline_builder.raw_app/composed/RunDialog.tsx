import { Alert, Button, Group, Modal, NumberInput, Select, Text } from "@mantine/core";
import { useState } from "react";

import { Form } from "../Form";
import type { Values } from "../entry/values";
import type { Entry } from "../types";
import { beginRun } from "./runs";
import { schemaOf } from "./StepForm";
import { t } from "../words/words";

type Props = { entry: Entry; targets: string[]; unsaved: boolean; onBegun: (id: string) => void; onClose: () => void };

/** What an entry asks for before it runs, where, and what that may cost. */
export function RunDialog({ entry, targets, unsaved, onBegun, onClose }: Props) {
  const { target: _, ...schema } = schemaOf(entry);
  const [inputs, setInputs] = useState<Values>({});
  const [target, setTarget] = useState(targets[0] ?? "local");
  const [most, setMost] = useState<number | "">("");
  const [trouble, setTrouble] = useState("");
  const [asked, setAsked] = useState(false);
  const begin = () => {
    setAsked(true);
    void beginRun(entry.key, { inputs, target, max_hourly_usd: most === "" ? null : most })
      .then(({ id }) => (onBegun(id), onClose()), (error: Error) => setTrouble(error.message))
      .finally(() => setAsked(false));
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={t("composed.deploy", { key: entry.key })} closeButtonProps={{ "aria-label": t("common.close") }}>
      <div className="dialog">
        {unsaved && <Alert color="orange">{t("composed.unsaved")}</Alert>}
        <Text c="dimmed">{entry.summary}</Text>
        <Form schema={schema} values={inputs} onChange={setInputs} />
        <Select label={t("common.target")} data={targets} value={target} onChange={(chosen) => chosen && setTarget(chosen)} allowDeselect={false} />
        <NumberInput label={t("composed.atMost")} description={t("composed.atMostHint")} min={0} value={most} onChange={(given) => setMost(typeof given === "number" ? given : "")} />
        {trouble && <Alert color="red">{trouble}</Alert>}
        <Group justify="flex-end"><Button loading={asked} onClick={begin}>{t("common.deploy")}</Button></Group>
      </div>
    </Modal>
  );
}
