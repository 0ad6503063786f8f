import { asked, request } from "../platform";
import type { Draft, DrawnNode, Reading } from "../types";
import { t } from "../words/words";

export type Sample = {
  of: string;
  count: number;
  texts: { document: string; page: number | null; text: string }[];
  columns: { name: string; kind: string }[];
  rows: unknown[][];
  classes: Record<string, number>;
};

export type Preview = { error?: { message: string; fix: string } | null; reading?: Reading | null; sample?: Sample | null };

const known = new Map<string, Promise<Preview>>();

/** What a source would read, by a worker; asked once for the same settings. */
export function preview(node: DrawnNode, draft: Draft): Promise<Preview> {
  const { inputs, declared_inputs } = request(draft);
  const used = JSON.stringify(node.config ?? {});
  const named = ([name]: [string, unknown]) => used.includes(`\${inputs.${name}}`);
  const only = (values: object) => Object.fromEntries(Object.entries(values).filter(named));
  const { id, component, config = {} } = node;
  const body = { name: "preview", nodes: [{ id, component, config }], inputs: only(inputs), declared_inputs: only(declared_inputs) };
  const key = JSON.stringify(body);
  const found = known.get(key) ?? look(id, body);
  known.set(key, found);
  found.catch(() => known.delete(key));
  return found;
}

/** The file of this name is another now. */
export const forget = () => known.clear();

async function look(node: string, body: object): Promise<Preview> {
  const url = `/pipelines/preview?node=${encodeURIComponent(node)}`;
  return (await asked("POST", url, t("platform.previewElsewhere"), body)).nodes[0];
}

/** A setting as it counts: an input's value in the place of its name. */
export function counted(value: unknown, { inputs, declared }: Draft): unknown {
  const [, name] = /^\$\{inputs\.(\w+)\}$/.exec(String(value)) ?? [];
  return name === undefined ? value : (inputs[name] ?? declared[name]?.default);
}
