import { Document, isScalar, Scalar, visit, type ScalarTag, type Tags } from "yaml";

// As PyYAML resolves them, which reads the entries: `on` is no word, `y` is one.
const BOOL: ScalarTag = {
  tag: "tag:yaml.org,2002:bool",
  default: true,
  identify: (value) => typeof value === "boolean",
  test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:yes|true|on)$/i.test(text),
  stringify: ({ value }) => String(value),
};
const DATE: ScalarTag = { tag: "tag:yaml.org,2002:timestamp", default: true, identify: () => false, test: /^\d{4}-\d\d?-\d\d?/, resolve: (text) => text };
const OWN = [BOOL, DATE];
const customTags = (tags: Tags): Tags => [...tags.filter((each) => typeof each === "string" || !OWN.some(({ tag }) => tag === each.tag)), ...OWN];

export const READ = { version: "1.1", keepSourceTokens: true, customTags } as const;
const WRITTEN = { lineWidth: 0, singleQuote: true, flowCollectionPadding: false } as const;

export type Values = Record<string, unknown>;

export const isRecord = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const same = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each) => (isRecord(each) ? Object.fromEntries(Object.entries(each).sort(byName)) : each)) ?? "";

const byName = ([one]: [string, unknown], [other]: [string, unknown]) => (one < other ? -1 : 1);

/** On one line, as the catalog writes small things: `{id: docs, config: {path: a.pdf}}`. */
export function written(value: unknown, inFlow: boolean, type?: Scalar.Type): string {
  const document = documentOf(inFlow ? [value] : value);
  const scalar = inFlow ? document.getIn([0], true) : document.contents;
  if (isScalar(scalar)) scalar.type ??= quoted(type);
  const text = document.toString({ ...WRITTEN, collectionStyle: "flow" }).trimEnd();
  return inFlow ? text.slice(1, -1) : text;
}

export const afresh = (value: unknown): string => documentOf(value).toString(WRITTEN);

/** Lines stand in quotes: a block of them fits on no line of others. */
function documentOf(value: unknown): Document {
  const document = new Document(value, { version: READ.version, customTags });
  visit(document, { Scalar: (_, scalar) => void (typeof scalar.value === "string" && scalar.value.includes("\n") && (scalar.type = "QUOTE_DOUBLE")) });
  return document;
}

const quoted = (type?: Scalar.Type) => (type === "QUOTE_SINGLE" || type === "QUOTE_DOUBLE" ? type : undefined);

/** What an item of a list is known by, wherever it stands. */
export function identities(items: unknown[]): string[] {
  const times = new Map<string, number>();
  return items.map((item, index) => {
    const known = identity(item) ?? `#${index}`;
    const time = times.get(known) ?? 0;
    times.set(known, time + 1);
    return `${known}~${time}`;
  });
}

function identity(item: unknown): string | undefined {
  if (!isRecord(item)) return undefined;
  if (typeof item.id === "string") return item.id;
  return typeof item.source === "string" ? canonical([item.source, item.target, item.source_port, item.target_port]) : undefined;
}
