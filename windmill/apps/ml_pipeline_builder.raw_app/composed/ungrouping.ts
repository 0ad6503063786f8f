import { isRecord } from "../entry/values";
import type { Values } from "../types";
import { changed, read, waitsOf, type Composition, type Step } from "./composition";
import { freeName } from "./grouping";
import { asReference, headOf, rewritten } from "./references";
import { t } from "../words/words";

const CONDITIONS = ["for_each", "when", "approval", "budget", "retry", "timeout"] as const;

/** The steps of the entry that a step uses, in its place. Raises why that would not do the same. */
export function ungrouped(text: string, id: string, nestedText: string): string {
  const entry = read(text);
  const nested = read(nestedText);
  const step = entry.steps?.find((each) => each.id === id);
  if (!step || !nested.steps) throw new Error(t("composed.noSteps", { id }));
  const condition = CONDITIONS.find((field) => step[field] !== undefined);
  if (condition) throw new Error(t("composed.saysForAll", { id, condition }));
  const others = entry.steps!.filter((each) => each.id !== id);
  const names = newNames(nested, others, id);
  const inside = nested.steps.map((each) => moved(each, { step, nested, names }));
  const last = ends(nested).map((each) => names.get(each)!);
  const rest = others.map((each) => ({ ...(rewritten(each, outputOf(id, nested, names)) as Step), ...needsOf(each, id, last) }));
  const outputs = entry.outputs && rewritten(entry.outputs, outputOf(id, nested, names));
  return changed(text, { steps: [...rest, ...inside], ...(outputs ? { outputs } : {}) });
}

/** Under their own names where these are free. */
function newNames(nested: Composition, others: Step[], group: string): Map<string, string> {
  const taken = others.map(({ id }) => id);
  const names = new Map<string, string>();
  for (const { id } of nested.steps!) {
    const name = freeName(taken.includes(id) ? `${group}_${id}` : id, taken);
    names.set(id, name);
    taken.push(name);
  }
  return names;
}

type Move = { step: Step; nested: Composition; names: Map<string, string> };

function moved(inner: Step, { step, nested, names }: Move): Step {
  const change = (reference: string): unknown => {
    const head = headOf(reference);
    if (head.step) return asReference(renamed(reference, head.step, names));
    return head.input ? valueOf(head.input, head.rest, step, nested) : asReference(reference);
  };
  const first = !waitsOf(nested).some(({ to }) => to === inner.id);
  const needs = [...(inner.needs ?? []).map((each) => names.get(each) ?? each), ...(first ? (step.needs ?? []) : [])];
  const { needs: _, ...said } = rewritten(inner, change) as Step;
  return { ...said, id: names.get(inner.id)!, ...(needs.length > 0 && { needs }) } as Step;
}

function valueOf(name: string, rest: string, step: Step, nested: Composition): unknown {
  const value = step.with?.[name] ?? nested.inputs?.[name]?.default;
  if (value === undefined) throw new Error(t("composed.givenNo", { id: step.id, name }));
  if (rest === "") return value;
  const [, reference] = typeof value === "string" ? (/^\$\{([^}]*)\}$/.exec(value) ?? []) : [];
  if (reference === undefined) throw new Error(t("composed.noReference", { name, rest }));
  return asReference(reference.trim() + rest);
}

const renamed = (reference: string, step: string, names: Map<string, string>) =>
  reference.replace(`steps.${step}`, `steps.${names.get(step) ?? step}`);

/** What somebody outside had of the group, from where that comes inside. */
const outputOf = (id: string, nested: Composition, names: Map<string, string>) => (reference: string): unknown => {
  const { step, output = "", rest } = headOf(reference);
  if (step !== id) return asReference(reference);
  const said = (nested.outputs as Values | undefined)?.[output];
  const value = isRecord(said) && "value" in said ? said.value : said;
  const [, from] = typeof value === "string" ? (/^\$\{([^}]*)\}$/.exec(value) ?? []) : [];
  const inner = from === undefined ? undefined : headOf(from).step;
  if (from === undefined || inner === undefined) throw new Error(t("composed.noSingleStep", { output: output || t("composed.what"), id }));
  return asReference(renamed(from.trim(), inner, names) + rest);
};

const needsOf = ({ needs }: Step, id: string, last: string[]) =>
  needs?.includes(id) && { needs: [...new Set(needs.flatMap((each) => (each === id ? last : [each])))] };

const ends = (nested: Composition): string[] => {
  const waited = new Set(waitsOf(nested).map(({ from }) => from));
  return nested.steps!.map(({ id }) => id).filter((id) => !waited.has(id));
};
