import { isMap, isScalar, isSeq, parseDocument, type Scalar, type Document, type Node, type Pair, type YAMLMap, type YAMLSeq } from "yaml";

import { afresh, identities, isRecord, READ, same, written, type Values } from "./values";

const DEEPER = 2;

type Splice = { from: number; to: number; text: string };
/** `after`: where the colon before it ends; `indent`: the column of the keys around. */
type Around = { inFlow: boolean; indent: number; after?: number };
type Item = { start: number; end: number; kept: boolean };
type Parts = Pair<Node, Node | null>;

/**
 * `text` saying what is `wanted`, with every byte of what it said already as it was.
 *
 * `yaml` keeps comments, but lays out the whole document anew; so only what differs is cut out of the text and put in.
 * Items of a list that have an `id`, or a `source` and a `target`, are known by these, wherever they stand.
 */
export function patched(text: string, wanted: unknown): string {
  const document = parseDocument(text, READ);
  if (document.errors.length > 0 || !document.contents) return afresh(wanted);
  const splices = new Patch(text, document).of(document.contents, wanted, { inFlow: false, indent: 0 });
  if (splices.length === 0) return text;
  const changed = spliced(text, splices);
  const now = parseDocument(changed, READ);
  // What an alias repeats changes in all its places: then the text is not kept, but what it says.
  return now.errors.length === 0 && same(now.toJS(), wanted) ? changed : afresh(wanted);
}

/** Those that begin at the same place stand in the order they were found in. */
function spliced(text: string, splices: Splice[]): string {
  let [done, at] = ["", 0];
  for (const { from, to, text: put } of [...splices].sort((one, other) => one.from - other.from)) {
    done += text.slice(at, Math.max(at, from)) + put;
    at = Math.max(at, to);
  }
  return done + text.slice(at);
}

class Patch {
  private readonly newline: string;

  constructor(private readonly text: string, private readonly document: Document) {
    this.newline = text.includes("\r\n") ? "\r\n" : "\n";
  }

  of(node: Node, wanted: unknown, around: Around): Splice[] {
    if (same(node.toJS(this.document), wanted)) return [];
    const inFlow = around.inFlow || isFlow(node);
    if (isMap(node) && isRecord(wanted)) return this.ofMap(node as YAMLMap<Node, Node | null>, wanted, { ...around, inFlow });
    if (isSeq(node) && Array.isArray(wanted)) return this.ofSeq(node as YAMLSeq<Node>, wanted, around) ?? [this.replaced(node, wanted, around)];
    return [this.replaced(node, wanted, around)];
  }

  private ofMap(map: YAMLMap<Node, Node | null>, wanted: Values, { inFlow, ...outside }: Around): Splice[] {
    const indent = map.items[0] ? this.column(start(map.items[0].key)) : outside.indent;
    const names = map.items.map(nameOf);
    const inside = map.items.flatMap((pair, index) => {
      const name = names[index]!;
      if (!(name in wanted)) return [];
      const after = colonOf(pair);
      if (pair.value) return this.of(pair.value, wanted[name], { inFlow, indent, after });
      return wanted[name] == null ? [] : [insertion(end(pair.key), `:${this.following(wanted[name], { inFlow, indent })}`)];
    });
    const items = map.items.map((pair, index) => ({ start: start(pair.key), end: endOfPair(pair), kept: names[index]! in wanted }));
    const news = Object.keys(wanted).filter((name) => !names.includes(name));
    const texts = news.map((name) => `${written(name, inFlow)}:${this.following(wanted[name], { inFlow, indent })}`);
    return this.changed(map, items, inside, texts, { inFlow, indent });
  }

  /** undefined where it has to be written anew. */
  private ofSeq(seq: YAMLSeq<Node>, wanted: unknown[], outside: Around): Splice[] | undefined {
    const known = identities(seq.items.map((node) => node.toJS(this.document)));
    const asked = identities(wanted);
    if (!inOrder(known, asked) || (seq.items.length === 0 && !outside.inFlow)) return undefined;
    const inFlow = outside.inFlow || isFlow(seq);
    const marks = indicators(seq);
    const indent = marks.length > 0 ? this.column(marks[0]!) : outside.indent + DEEPER;
    const inside = seq.items.flatMap((node, index) => {
      const at = asked.indexOf(known[index]!);
      return at < 0 ? [] : this.of(node, wanted[at], { inFlow, indent: indent + DEEPER });
    });
    const items = seq.items.map((node, index) => ({
      start: inFlow ? start(node) : marks[index]!,
      end: leafEnd(node),
      kept: asked.includes(known[index]!),
    }));
    const news = wanted.filter((_, index) => !known.includes(asked[index]!)).map((each) => (inFlow ? "" : "- ") + written(each, true));
    return this.changed(seq, items, inside, news, { inFlow, indent });
  }

  private changed(node: Node, items: Item[], inside: Splice[], news: string[], { inFlow, indent }: Around): Splice[] {
    if (inFlow) return [...inside, ...this.flowing(node, items, news)];
    const gone = items.filter(({ kept }) => !kept);
    if (gone.length === items.length && news.length === 0)
      return [{ from: start(node), to: leafEnd(node), text: (isMap(node) ? "  {}" : "  []") + this.newlineIn(node) }];
    const removals = gone.map((item) => ({ from: this.lineStart(item.start), to: this.lineEnd(item.end), text: "" }));
    const at = this.lineEnd(leafEnd(node));
    const lines = news.map((each) => " ".repeat(indent) + each + this.newline).join("");
    const before = lines && this.text[at - 1] !== "\n" ? this.newline : "";
    return [...inside, ...removals, ...(lines ? [insertion(at, before + lines)] : [])];
  }

  /** An item goes with the comma before it; those before the first that stays, with the one behind. */
  private flowing(node: Node, items: Item[], news: string[]): Splice[] {
    const first = items.findIndex(({ kept }) => kept);
    const last = items.at(-1);
    const put = news.join(", ");
    if (!last) return put ? [insertion(start(node) + 1, put)] : [];
    if (first < 0) return [{ from: items[0]!.start, to: last.end, text: put }];
    const removals = items.flatMap(({ kept, start, end }, index) => {
      if (kept) return [];
      return [index < first ? { from: start, to: items[index + 1]!.start, text: "" } : { from: items[index - 1]!.end, to: end, text: "" }];
    });
    return [...removals, ...(put ? [insertion(last.end, `, ${put}`)] : [])];
  }

  private replaced(node: Node, wanted: unknown, around: Around): Splice {
    const [from, to] = [start(node), leafEnd(node)];
    const { after, inFlow } = around;
    if (after !== undefined && (from === to || (!inFlow && isList(wanted))))
      return { from: after, to: Math.max(after, to), text: this.following(wanted, around) + this.newlineIn(node) };
    const type = isScalar(node) ? (node.type as Scalar.Type) : undefined;
    const block = isBlock(type) && typeof wanted === "string" ? this.literal(wanted, around.indent + DEEPER) : undefined;
    return { from, to, text: block ?? written(wanted, inFlow, type) + this.newlineIn(node) };
  }

  /** What stands behind a key's colon. */
  private following(value: unknown, { inFlow, indent }: Around): string {
    if (inFlow || !isList(value)) return ` ${written(value, inFlow)}`;
    return value.map((each) => `${this.newline}${" ".repeat(indent + DEEPER)}- ${written(each, true)}`).join("");
  }

  private literal(text: string, indent: number): string | undefined {
    if (!text || /^\s|\n\n$/.test(text)) return undefined;
    const lines = text.replace(/\n$/, "").split("\n").map((line) => line && " ".repeat(indent) + line);
    return [text.endsWith("\n") ? "|" : "|-", ...lines, ""].join(this.newline);
  }

  private newlineIn = (node: Node) => (this.text.slice(start(node), leafEnd(node)).endsWith("\n") ? this.newline : "");

  private lineStart = (at: number) => this.text.lastIndexOf("\n", at - 1) + 1;

  private column = (at: number) => at - this.lineStart(at);

  private lineEnd(at: number): number {
    if (this.text[at - 1] === "\n") return at;
    const found = this.text.indexOf("\n", at);
    return found < 0 ? this.text.length : found + 1;
  }
}

const insertion = (at: number, text: string): Splice => ({ from: at, to: at, text });
const isFlow = (node: Node) => (isMap(node) || isSeq(node)) && node.flow === true;
const isBlock = (type?: Scalar.Type) => type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED";
const isList = (value: unknown): value is Values[] => Array.isArray(value) && value.length > 0 && value.every(isRecord);
const start = (node: Node) => node.range![0];
const end = (node: Node) => node.range![1];
const nameOf = ({ key }: Parts) => String(isScalar(key) ? key.value : key);
const endOfPair = ({ key, value }: Parts) => (value ? Math.max(leafEnd(value), end(key)) : end(key));

/** Without the comments and lines that follow what stands last in it. */
function leafEnd(node: Node): number {
  if (isFlow(node)) return end(node);
  if (isMap(node) && node.items.length > 0) return endOfPair(node.items.at(-1) as Parts);
  if (isSeq(node) && node.items.length > 0) return leafEnd(node.items.at(-1) as Node);
  return end(node);
}

function colonOf(pair: Parts): number | undefined {
  const colon = pair.srcToken?.sep?.find(({ type }) => type === "map-value-ind");
  return colon && colon.offset + 1;
}

/** Where the dashes of a list stand. */
function indicators(seq: YAMLSeq): number[] {
  const token = seq.srcToken;
  if (token?.type !== "block-seq") return [];
  return token.items.flatMap(({ start }) => start.filter(({ type }) => type === "seq-item-ind").map(({ offset }) => offset));
}

function inOrder(known: string[], asked: string[]): boolean {
  const kept = known.filter((key) => asked.includes(key));
  const both = asked.filter((key) => known.includes(key));
  return kept.every((key, index) => key === both[index]) && asked.slice(0, kept.length).every((key) => known.includes(key));
}
