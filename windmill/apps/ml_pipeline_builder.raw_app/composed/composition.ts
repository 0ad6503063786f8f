import { parseDocument } from "yaml";

import { patched } from "../entry/patch";
import { isRecord, READ, type Values } from "../entry/values";
import { wrongNotes } from "../entry/wrong";
import type { Problem, Schema, StickyNote } from "../types";
import { t } from "../words/words";

export type Step = Values & {
  id: string;
  use: string;
  summary?: string;
  with?: Values;
  needs?: string[];
  when?: string | boolean;
  for_each?: unknown;
  max_parallel?: number;
  approval?: boolean | { message?: string; timeout?: string | number };
  budget?: { max_hourly_usd?: number; max_run_usd?: number };
  retry?: { attempts?: number };
};

export type Composition = Values & { kind: string; name: string; summary?: string; inputs?: Schema; run?: Values; steps?: Step[]; notes?: StickyNote[] };

/** `by`: the fields that make the step wait; `needs` alone can be taken back by taking the edge away. */
export type Wait = { from: string; to: string; by: string[] };

export const begun = (key: string) => `kind: ${key.startsWith("meta-") ? "meta-pipeline" : "pipeline"}
name: ${key.split("/")[1] ?? "my-platform"}
version: 0.1.0
summary: ''
steps: []
`;

export const read = (text: string) => parseDocument(text, READ).toJS() as Composition;

/** Why a text is no composition that can be drawn; what else is wrong, a check tells. */
export function whyNotDrawn(entry: unknown): Omit<Problem, "line">[] {
  if (!isRecord(entry)) return [{ message: t("wrong.noMapping"), fix: t("wrong.beginWith", { text: "kind: meta-pipeline" }) }];
  for (const field of ["kind", "name"]) if (typeof entry[field] !== "string") return [{ field, message: t("wrong.noField", { field }), fix: t("wrong.add", { text: `${field}:` }) }];
  const [note] = wrongNotes(entry.notes ?? []);
  if (note) return [{ field: "notes", message: note.message, fix: note.fix }];
  if (entry.steps === undefined) return [];
  if (!Array.isArray(entry.steps)) return [{ field: "steps", message: t("wrong.steps"), fix: t("wrong.write", { text: "steps: []" }) }];
  const ids = entry.steps.map((step) => (isRecord(step) ? step.id : undefined));
  return entry.steps.flatMap((step, index) => {
    if (!isRecord(step) || typeof step.id !== "string" || typeof step.use !== "string")
      return [{ field: `steps[${index}]`, message: t("wrong.step"), fix: t("wrong.write", { text: "{id: chat, use: pipelines/rag-chatbot}" }) }];
    return ids.indexOf(step.id) === index ? [] : [{ field: `steps[${index}].id`, message: t("wrong.stepTwice", { id: step.id }), fix: t("wrong.stepOwnId") }];
  });
}

export function waitsOf({ steps = [] }: Composition): Wait[] {
  const ids = new Set(steps.map(({ id }) => id));
  return steps.flatMap((step) => {
    const by = new Map<string, string[]>();
    const note = (from: string, field: string) => ids.has(from) && from !== step.id && by.set(from, [...(by.get(from) ?? []), field]);
    for (const from of Array.isArray(step.needs) ? step.needs : []) note(from, "needs");
    for (const [name, value] of Object.entries(step.with ?? {})) for (const from of named(value)) note(from, `with.${name}`);
    for (const field of ["when", "for_each"] as const) for (const from of named(step[field])) note(from, field);
    return [...by].map(([from, fields]) => ({ from, to: step.id, by: [...new Set(fields)] }));
  });
}

/** The steps that a value refers to. */
const named = (value: unknown): string[] =>
  [...JSON.stringify(value ?? "").matchAll(/\$\{[^}]*?\bsteps\.([a-z][a-z0-9_]*)/g)].map(([, id]) => id!);

/** Why one step cannot wait for another; "" when it can. */
export function whyNotWait(entry: Composition, from: string, to: string): string {
  if (from === to) return t("composed.itself");
  const waits = waitsOf(entry);
  if (waits.some((each) => each.from === from && each.to === to)) return t("composed.waitsFor", { to, from });
  return reaches(waits, to, from) ? t("common.circle") : "";
}

function reaches(waits: Wait[], from: string, to: string, seen = new Set<string>()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return waits.some((each) => each.from === from && reaches(waits, each.to, to, seen));
}

export const changed = (text: string, change: Values): string => patched(text, pruned({ ...read(text), ...change }));

/** `change`: fields that are undefined are taken out. */
export function changedStep(text: string, id: string, change: Values): string {
  const steps = (read(text).steps ?? []).map((step) => (step.id === id ? pruned({ ...step, ...change }) : step));
  return changed(text, { steps });
}

export function addedStep(text: string, use: string): { text: string; id: string } {
  const { steps = [] } = read(text);
  const id = freeStep(use, steps);
  return { text: changed(text, { steps: [...steps, { id, use }] }), id };
}

/** With what others need of it; what refers to its outputs is left for people to mend. */
export function removedStep(text: string, id: string): string {
  const steps = (read(text).steps ?? []).filter((step) => step.id !== id);
  const without = (needs: string[]) => (needs.includes(id) ? emptyAsNone(needs.filter((each) => each !== id)) : needs);
  return changed(text, { steps: steps.map((step) => (step.needs ? pruned({ ...step, needs: without(step.needs) }) : step)) });
}

export function wait(text: string, from: string, to: string): string {
  const needs = read(text).steps?.find(({ id }) => id === to)?.needs ?? [];
  return changedStep(text, to, { needs: [...needs, from] });
}

export function unwait(text: string, from: string, to: string): string {
  const needs = read(text).steps?.find(({ id }) => id === to)?.needs ?? [];
  return changedStep(text, to, { needs: emptyAsNone(needs.filter((each) => each !== from)) });
}

const emptyAsNone = (list: string[]) => (list.length === 0 ? undefined : list);

const pruned = (values: Values): Values => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const LONGEST_ID = 26;

function freeStep(use: string, steps: Step[]): string {
  const base = (use.split("/")[1] ?? "step").split("@")[0]!.replace(/[^a-z0-9]+/g, "_").slice(0, LONGEST_ID);
  const taken = new Set(steps.map(({ id }) => id));
  let number = 1;
  while (taken.has(number === 1 ? base : `${base}_${number}`)) number += 1;
  return number === 1 ? base : `${base}_${number}`;
}
