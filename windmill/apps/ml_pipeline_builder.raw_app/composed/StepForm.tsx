import { ActionIcon, Button, Group, MultiSelect, NumberInput, Stack, Switch, Text, TextInput, Tooltip } from "@mantine/core";
import { ArrowRight, Trash2 } from "lucide-react";

import { Form } from "../Form";
import { isRecord, type Values } from "../entry/values";
import type { Entry, Schema } from "../types";
import { waitsOf, whyNotWait, type Composition, type Step } from "./composition";
import { t } from "../words/words";

type Props = {
  composition: Composition;
  step: Step;
  used: Entry | undefined;
  onStep: (change: Values) => void;
  onRemove: () => void;
  onOpen: () => void;
};

/** All that a step says: what it gives on, when it runs, how often, who is asked and what it may cost. */
export function StepForm({ composition, step, used, onStep, onRemove, onOpen }: Props) {
  return (
    <Stack gap="md" p="md">
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Text component="h2" fw={600} size="lg" m={0}>{step.id}</Text>
          <Text c="dimmed">{step.summary || used?.summary || step.use}</Text>
        </div>
        <Tooltip label={t("common.remove")}>
          <ActionIcon variant="subtle" color="gray" aria-label={t("composed.removeStep")} onClick={onRemove}><Trash2 size={16} /></ActionIcon>
        </Tooltip>
      </Group>
      <Button variant="default" rightSection={<ArrowRight size={14} />} onClick={onOpen}>{t("composed.open", { use: step.use })}</Button>
      <Form key={step.id} schema={schemaOf(used)} values={step.with ?? {}} onChange={(given) => onStep({ with: noneIfEmpty(given) })} />
      <Conditions {...{ composition, step, onStep }} />
    </Stack>
  );
}

function Conditions({ composition, step, onStep }: Pick<Props, "composition" | "step" | "onStep">) {
  const others = (composition.steps ?? []).map(({ id }) => id).filter((id) => (step.needs ?? []).includes(id) || !whyNotWait(composition, id, step.id));
  const by = waitsOf(composition).filter(({ to, by }) => to === step.id && by.some((field) => field !== "needs"));
  const approval = isRecord(step.approval) ? step.approval : {};
  return (
    <>
      <MultiSelect label={t("composed.needs")} description={by.length > 0 ? t("composed.waitsAlready", { steps: by.map(({ from, by }) => `${from} (${by.join(", ")})`).join(", ") }) : t("composed.needsHint")} data={others} value={step.needs ?? []} onChange={(needs) => onStep({ needs: needs.length > 0 ? needs : undefined })} />
      <Written label={t("composed.when")} description={t("composed.whenHint")} placeholder="${inputs.notify}" value={step.when} onChange={(when) => onStep({ when })} />
      <Written label={t("composed.forEach")} description={t("composed.forEachHint")} placeholder="${inputs.folders}" value={step.for_each} onChange={(for_each) => onStep({ for_each })} />
      {step.for_each !== undefined && <Amount label={t("composed.atOnce")} description={t("composed.atOnceHint")} value={step.max_parallel} min={1} onChange={(max_parallel) => onStep({ max_parallel })} />}
      <Switch label={t("composed.approval")} checked={Boolean(step.approval)} onChange={({ target }) => onStep({ approval: target.checked ? true : undefined })} />
      {step.approval && <Written label={t("composed.question")} description={t("composed.questionHint")} placeholder={t("composed.questionHolder")} value={approval.message} onChange={(message) => onStep({ approval: message === undefined ? true : { ...approval, message } })} />}
      <Amount label={t("common.budget")} description={t("composed.budgetHint")} value={step.budget?.max_hourly_usd} min={0} onChange={(max_hourly_usd) => onStep({ budget: noneIfEmpty({ ...step.budget, max_hourly_usd }) })} />
    </>
  );
}

type WrittenProps = { label: string; description: string; placeholder: string; value: unknown; onChange: (value: string | undefined) => void };

function Written({ value, onChange, ...words }: WrittenProps) {
  const shown = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  return <TextInput {...words} value={shown} onChange={({ target }) => onChange(target.value === "" ? undefined : target.value)} />;
}

type AmountProps = { label: string; description: string; min: number; value: number | undefined; onChange: (value: number | undefined) => void };

function Amount({ value, onChange, ...words }: AmountProps) {
  return <NumberInput {...words} value={value ?? ""} onChange={(given) => onChange(typeof given === "number" ? given : undefined)} />;
}

/** In the short form, from the JSON Schema that the catalog tells. */
export function schemaOf(entry: Entry | undefined): Schema {
  const { properties = {}, required = [] } = entry?.inputs ?? {};
  return Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, { ...field, required: required.includes(name) }]));
}

function noneIfEmpty(values: Values): Values | undefined {
  const left = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  return Object.keys(left).length > 0 ? left : undefined;
}
