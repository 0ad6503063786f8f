import { written } from "../entry/values";
import type { Schema, Values } from "../types";
import { changed, read, waitsOf, type Composition, type Step } from "./composition";
import { asReference, headOf, rewritten } from "./references";
import { t } from "../words/words";

/** `text`: of what is left; `nested`: of the new entry; `id`: of the step that uses it. */
export type Grouped = { text: string; nested: string; id: string };

/**
 * Some steps become an entry of their own, which one step uses in their place.
 *
 * What they were given from outside become its inputs, what others had of them its outputs. Raises why it cannot be.
 */
export function grouped(text: string, chosen: string[], name: string): Grouped {
  const entry = read(text);
  const inside = (entry.steps ?? []).filter(({ id }) => chosen.includes(id));
  const outside = (entry.steps ?? []).filter(({ id }) => !chosen.includes(id));
  if (inside.length === 0) throw new Error(t("composed.chooseSteps"));
  refuseCircle(entry, chosen);
  const id = freeName(name.replaceAll("-", "_"), outside.map((each) => each.id));
  const given = new Given(entry, chosen);
  const taken = new Taken(chosen, id);
  const steps = inside.map((step) => ({ ...(rewritten(step, given.change) as Step), ...needsOf(step, (each) => chosen.includes(each)) }));
  const rest = outside.map((step) => ({ ...(rewritten(step, taken.change) as Step), ...renamedNeeds(step, chosen, id) }));
  const outputs = entry.outputs && rewritten(entry.outputs, taken.change);
  const needs = [...new Set(inside.flatMap(({ needs = [] }) => needs.filter((each) => !chosen.includes(each))))];
  const step = { id, use: `meta-pipelines/${name}`, ...(needs.length > 0 && { needs }), ...(given.any && { with: given.values }) };
  const left = changed(text, { steps: [...rest, step], ...(outputs ? { outputs } : {}) });
  return { text: left, nested: nestedText(name, given.inputs, steps, taken.outputs), id };
}

function refuseCircle(entry: Composition, chosen: string[]) {
  const waits = waitsOf(entry);
  const after = new Set<string>();
  const follow = (id: string) => waits.filter(({ from }) => from === id).forEach(({ to }) => after.has(to) || (after.add(to), follow(to)));
  chosen.forEach(follow);
  const between = waits.find(({ from, to }) => !chosen.includes(from) && after.has(from) && chosen.includes(to));
  if (between) throw new Error(t("composed.between", { from: between.from, to: between.to }));
}

/** What the steps inside are given by those outside, and by the inputs of the entry. */
class Given {
  readonly inputs: Schema = {};
  readonly values: Values = {};

  constructor(private readonly entry: Composition, private readonly chosen: string[]) {}

  get any() {
    return Object.keys(this.values).length > 0;
  }

  change = (reference: string): string => {
    const { step, output, input, rest } = headOf(reference);
    if (input) return asReference(`inputs.${this.asInput(input, `inputs.${input}`, this.entry.inputs?.[input] ?? {})}${rest}`);
    if (!step || this.chosen.includes(step)) return asReference(reference);
    const from = `steps.${step}.${named(step, output)}`;
    return asReference(`inputs.${this.asInput(`${step}_${output}`, from, { required: true, description: `${output} of ${step}` })}${rest}`);
  };

  private asInput(name: string, from: string, schema: Schema[string]): string {
    const others = Object.keys(this.values).filter((each) => this.values[each] !== asReference(from));
    const free = from.startsWith("inputs.") ? name : freeName(name, [...Object.keys(this.entry.inputs ?? {}), ...others]);
    this.values[free] = asReference(from);
    this.inputs[free] = schema;
    return free;
  }
}

/** What others have of the steps inside. */
class Taken {
  readonly outputs: Values = {};

  constructor(private readonly chosen: string[], private readonly id: string) {}

  change = (reference: string): string => {
    const { step, output, rest } = headOf(reference);
    if (!step || !this.chosen.includes(step)) return asReference(reference);
    const name = `${step}_${named(step, output)}`;
    this.outputs[name] = asReference(`steps.${step}.${output}`);
    return asReference(`steps.${this.id}.${name}${rest}`);
  };
}

function named(step: string, output: string | undefined): string {
  if (output === undefined) throw new Error(t("composed.allOf", { step }));
  return output;
}

const needsOf = ({ needs }: Step, which: (id: string) => boolean) => {
  const left = needs?.filter(which) ?? [];
  return needs && { needs: left.length > 0 ? left : undefined };
};

const renamedNeeds = ({ needs }: Step, chosen: string[], id: string) =>
  needs?.some((each) => chosen.includes(each)) && { needs: [...new Set(needs.map((each) => (chosen.includes(each) ? id : each)))] };

function nestedText(name: string, inputs: Schema, steps: Step[], outputs: Values): string {
  const part = (title: string, values: Values) => {
    const lines = Object.entries(values).map(([key, value]) => `  ${key}: ${written(value, true)}\n`);
    return lines.length > 0 ? `${title}:\n${lines.join("")}` : "";
  };
  const items = steps.map((step) => `  - ${written(withoutNone(step), true)}\n`).join("");
  return `kind: meta-pipeline\nname: ${name}\nversion: 0.1.0\nsummary: ''\n${part("inputs", inputs)}steps:\n${items}${part("outputs", outputs)}`;
}

const withoutNone = (values: Values): Values => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const LONGEST = 30;

export function freeName(wanted: string, taken: string[]): string {
  const base = wanted.slice(0, LONGEST - 3);
  let number = 1;
  while (taken.includes(number === 1 ? base : `${base}_${number}`)) number += 1;
  return number === 1 ? base : `${base}_${number}`;
}
