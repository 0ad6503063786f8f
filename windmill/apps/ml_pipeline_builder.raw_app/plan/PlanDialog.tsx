import "./plan.css";

import { Alert, Button, Group, Loader, Modal, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";

import { amount } from "../cost/nodeCosts";
import { Form } from "../Form";
import type { Catalog, Draft, Values } from "../types";
import { Offers, Refused } from "./Offers";
import { Changes } from "./Changes";
import { plan, type Offer, type Plan } from "./planned";
import { t } from "../words/words";

type Props = {
  opened: boolean;
  draft: Draft;
  catalog: Catalog;
  onDraft: (change: Partial<Draft>) => void;
  /** `hourlyUsd`: what it may cost, for what costs nothing undefined. */
  onYes: (settings: Values, hourlyUsd?: number) => void;
  onNo: () => void;
};

/** What Deploy would do, before it does: what changes, where, and for how much. */
export function PlanDialog({ opened, onNo, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={onNo} size="lg" title={<Text fw={600}>{t("plan.title")}</Text>} centered transitionProps={{ duration: 120 }}>
      <Planned {...rest} onNo={onNo} />
    </Modal>
  );
}

function Planned({ draft, catalog, onDraft, onYes, onNo }: Omit<Props, "opened">) {
  const form = catalog.target_settings[draft.target];
  const settings = draft.target_settings ?? {};
  const told = JSON.stringify([draft, settings]);
  const missing = Object.entries(form ?? {}).some(([name, each]) => each.required && !settings[name]);
  const { found, trouble } = usePlan(told, draft, settings, missing);
  const price = found?.candidates[0]?.offer.hourly_usd ?? 0;
  const deployable = found !== undefined && found.action !== "refused";
  return (
    <Stack gap="md" className="plan">
      {form && (
        <section aria-label={t("plan.where", { target: draft.target })} className="plan-settings">
          <Form schema={form} values={settings} onChange={(target_settings) => onDraft({ target_settings })} />
        </section>
      )}
      {missing && <Text c="dimmed">{t("plan.missing", { target: draft.target })}</Text>}
      {trouble && <Alert color="red" role="alert">{trouble}</Alert>}
      {!found && !trouble && !missing && <Group><Loader size={16} /><Text role="status">{t("plan.looking")}</Text></Group>}
      {found && <Told found={found} draft={draft} onDraft={onDraft} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onNo}>{t("common.notNow")}</Button>
        <Button disabled={!deployable} data-autofocus={price === 0 || undefined} onClick={() => onYes(settings, price || undefined)}>
          {verb(found, price)}
        </Button>
      </Group>
    </Stack>
  );
}

function Told({ found, draft, onDraft }: { found: Plan; draft: Draft; onDraft: Props["onDraft"] }) {
  const pick = ({ gpu, gpu_memory_gb: memory_gb, gpus: count, hourly_usd, target }: Offer) =>
    onDraft({ target, compute: { ...draft.compute, ...(gpu && { gpu: { memory_gb, count, model: gpu } }), max_hourly_usd: hourly_usd } });
  return (
    <>
      <Text>{inWords(found)}</Text>
      <Changes found={found} />
      <Offers candidates={found.candidates} budget={found.max_hourly_usd} onPick={pick} />
      <Refused refused={found.refused} fix={found.fix} open={found.action === "refused"} />
    </>
  );
}

function inWords({ action, name, target, live }: Plan): string {
  if (action === "nothing") return t("plan.nothing", { name });
  return t(target ? `plan.${action}On` : `plan.${action}`, { name, target, revision: live?.revision });
}

function verb(found: Plan | undefined, price: number): string {
  if (price) return t("plan.deployFor", { price: amount(price) });
  return t(found?.action === "update" ? "plan.updateIt" : "plan.deployIt");
}

/** Asked once what is typed has come to rest. */
function usePlan(told: string, draft: Draft, settings: Values, wait: boolean) {
  const [found, setFound] = useState<Plan>();
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    let left = false;
    setFound(undefined);
    setTrouble("");
    if (wait) return;
    const timer = window.setTimeout(() => {
      plan(draft, settings).then(
        (answer) => left || setFound(answer),
        (error: Error) => left || setTrouble(error.message),
      );
    }, TYPED_MS);
    return () => {
      left = true;
      window.clearTimeout(timer);
    };
  }, [told, wait]);
  return { found, trouble };
}

const TYPED_MS = 200;
