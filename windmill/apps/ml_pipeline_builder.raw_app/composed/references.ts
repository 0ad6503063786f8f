import { isRecord } from "../entry/values";
import { t } from "../words/words";

const TOKEN = /\$(\$\{)|\$\{([^}]*)\}/g;
const WHOLE = /^\$\{([^}]*)\}$/;
const STEP = /^\s*steps\.([a-z][a-z0-9_]*)(?:\.([A-Za-z_]\w*))?/;
const INPUT = /^\s*inputs\.([a-z][a-z0-9_]*)/;

/** What a reference begins with: a step and which of its outputs, or an input. `rest`: the way on from there. */
export type Head = { step?: string; output?: string; input?: string; rest: string };

/** All strings of a value with their references written otherwise; `$${` stands for a literal `${`. */
export function rewritten(value: unknown, change: (reference: string) => unknown): unknown {
  if (typeof value === "string") return ofText(value, change);
  if (Array.isArray(value)) return value.map((each) => rewritten(each, change));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, rewritten(each, change)]));
}

/** Text that is one reference takes the place of any value; within more text only of what can be written as text. */
function ofText(text: string, change: (reference: string) => unknown): unknown {
  const [, alone] = WHOLE.exec(text) ?? [];
  if (alone !== undefined) return change(alone);
  return text.replace(TOKEN, (token, literal, reference) => (literal ? token : inText(change(reference), text)));
}

function inText(value: unknown, text: string): string {
  if (typeof value === "object") throw new Error(t("composed.notText", { text }));
  return String(value);
}

export function headOf(reference: string): Head {
  const [whole = "", step, output] = STEP.exec(reference) ?? [];
  if (step) return { step, output, rest: reference.slice(whole.length).trimEnd() };
  const [begin = "", input] = INPUT.exec(reference) ?? [];
  return { input, rest: reference.slice(begin.length).trimEnd() };
}

export const asReference = (path: string) => `\${${path}}`;
