import { parseDocument } from "yaml";

import { identities, isRecord, READ, same, type Values } from "./values";

export type Mark = "added" | "removed" | "changed" | "same";
export type Field = { field: string; before: unknown; after: unknown };
/** `of`: the component that a node is of, or the entry that a step uses. */
export type Part = { id: string; of: string; mark: Mark; fields: Field[] };
export type Join = { from: string; to: string; mark: Mark };
export type Difference = { parts: Part[]; joins: Join[]; rest: Field[] };

/** What makes two texts of an entry differ, as a canvas shows it; where nodes stand is no difference. */
export function difference(before: string, after: string): Difference {
  const [then, now] = [drawn(before), drawn(after)];
  const ids = [...new Set([...now.parts.keys(), ...then.parts.keys()])];
  const parts = ids.map((id): Part => {
    const [old, is] = [then.parts.get(id), now.parts.get(id)];
    const fields = old && is ? fieldsOf(old, is) : [];
    const mark = !old ? "added" : !is ? "removed" : fields.length > 0 ? "changed" : "same";
    return { id, of: String((is ?? old)!.component ?? (is ?? old)!.use ?? ""), mark, fields };
  });
  const keys = [...new Set([...now.joins.keys(), ...then.joins.keys()])];
  const joins = keys.map((key): Join => {
    const mark = !then.joins.has(key) ? "added" : !now.joins.has(key) ? "removed" : "same";
    return { ...(now.joins.get(key) ?? then.joins.get(key))!, mark };
  });
  return { parts, joins, rest: fieldsOf(then.rest, now.rest) };
}

type Drawn = { parts: Map<string, Values>; joins: Map<string, { from: string; to: string }>; rest: Values };

function drawn(text: string): Drawn {
  const entry: unknown = text ? parseDocument(text, READ).toJS() : {};
  const { graph, steps, ...rest } = isRecord(entry) ? entry : ({} as Values);
  const { nodes, edges } = isRecord(graph) ? graph : ({} as Values);
  const items = list(nodes ?? steps);
  const ends = nodes ? list(edges).map(({ source, target }) => ({ from: String(source), to: String(target) })) : needed(items);
  const names = identities(nodes ? list(edges) : ends.map(({ from, to }) => ({ source: from, target: to })));
  return {
    parts: new Map(items.map(({ position: _, ...item }) => [String(item.id), item])),
    joins: new Map(ends.map((end, index) => [names[index]!, end])),
    rest,
  };
}

/** Of steps: what they wait for, in whatever way. */
function needed(steps: Values[]): { from: string; to: string }[] {
  const ids = new Set(steps.map(({ id }) => String(id)));
  return steps.flatMap(({ id, needs, ...step }) => {
    const named = [...JSON.stringify(step).matchAll(/\bsteps\.([a-z][a-z0-9_]*)/g)].map(([, name]) => name!);
    const from = new Set([...(Array.isArray(needs) ? needs.map(String) : []), ...named]);
    return [...from].filter((each) => ids.has(each) && each !== id).map((each) => ({ from: each, to: String(id) }));
  });
}

const list = (value: unknown): Values[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** Two levels deep, as people name them: `config.chunk_size`, `with.text`. */
function fieldsOf(before: Values, after: Values, within = ""): Field[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name): Field[] => {
    const [old, is] = [before[name], after[name]];
    if (same(old, is)) return [];
    if (!within && isRecord(old ?? {}) && isRecord(is ?? {})) return fieldsOf((old ?? {}) as Values, (is ?? {}) as Values, `${name}.`);
    return [{ field: within + name, before: old, after: is }];
  });
}
