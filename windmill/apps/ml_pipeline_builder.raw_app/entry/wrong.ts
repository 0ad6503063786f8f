import { LineCounter, parseDocument, type Document } from "yaml";

import type { Problem } from "../types";
import { isRecord, READ, type Values } from "./values";
import { t } from "../words/words";

/** Why a text is no YAML, each with its line. */
export function problemsOfYaml(text: string): Problem[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { ...READ, lineCounter: lines });
  return document.errors.map(({ message, pos }) => ({ message: message.split(" at line")[0]!, ...placeAt(lines, pos[0]) }));
}

/** Why a text cannot be drawn, each with its line. */
export function problemsOf(text: string): Problem[] {
  const wrong = problemsOfYaml(text);
  if (wrong.length > 0) return wrong;
  const lines = new LineCounter();
  const document = parseDocument(text, { ...READ, lineCounter: lines });
  return wrongIn(document.toJS()).map(({ path, ...problem }) => ({ ...problem, field: dotted(path), ...placeOf(document, path, lines) }));
}

type Path = (string | number)[];
type Wrong = { message: string; fix: string; path: Path };

function wrongIn(entry: unknown): Wrong[] {
  const wrong = (message: string, path: Path, fix = "") => [{ message, path, fix }];
  if (!isRecord(entry)) return wrong(t("wrong.noMapping"), [], t("wrong.beginWith", { text: "kind: pipeline" }));
  if (entry.kind !== "pipeline") return wrong(t("wrong.onlyPipeline"), ["kind"], t("wrong.write", { text: "kind: pipeline" }));
  if (typeof entry.name !== "string") return wrong(t("wrong.noName"), ["name"], t("wrong.add", { text: "name:" }));
  if (!isRecord(entry.graph)) return wrong(t("wrong.noGraph"), ["graph"], t("wrong.addGraph"));
  if (!Array.isArray(entry.graph.nodes)) return wrong(t("wrong.noNodes"), ["graph", "nodes"], t("wrong.add", { text: "nodes:" }));
  return [...wrongNodes(entry.graph.nodes), ...wrongEdges(entry.graph.edges ?? [], entry.graph.nodes), ...wrongFields(entry), ...wrongNotes(entry.notes ?? [])];
}

export function wrongNotes(notes: unknown): Wrong[] {
  if (!Array.isArray(notes)) return [{ message: t("wrong.notes"), path: ["notes"], fix: t("wrong.write", { text: "notes: []" }) }];
  return notes.flatMap((note, index): Wrong[] => {
    const right = isRecord(note) && typeof note.text === "string" && !placeIsWrong(note);
    return right ? [] : [{ message: t("wrong.note"), path: ["notes", index], fix: t("wrong.noteForm") }];
  });
}

function wrongNodes(nodes: unknown[]): Wrong[] {
  const seen = new Set<unknown>();
  return nodes.flatMap((node, index): Wrong[] => {
    const path = ["graph", "nodes", index];
    if (!isRecord(node) || typeof node.id !== "string" || typeof node.component !== "string")
      return [{ message: t("wrong.node"), path, fix: t("wrong.write", { text: "{id: docs, component: documents}" }) }];
    if (seen.has(node.id)) return [{ message: t("wrong.nodeTwice", { id: node.id }), path: [...path, "id"], fix: t("wrong.nodeOwnId") }];
    seen.add(node.id);
    if (node.config != null && !isRecord(node.config)) return [{ message: t("wrong.settings", { id: node.id }), path: [...path, "config"], fix: t("wrong.write", { text: "config: {name: value}" }) }];
    return placeIsWrong(node.position) ? [{ message: t("wrong.place", { id: node.id }), path: [...path, "position"], fix: t("wrong.writeOrNothing", { text: "position: {x: 0, y: 0}" }) }] : [];
  });
}

const placeIsWrong = (place: unknown) =>
  place !== undefined && !(isRecord(place) && [place.x, place.y].every((each) => typeof each === "number" && Number.isFinite(each)));

function wrongEdges(edges: unknown, nodes: unknown[]): Wrong[] {
  if (!Array.isArray(edges)) return [{ message: t("wrong.edges"), path: ["graph", "edges"], fix: "" }];
  const ids = new Set(nodes.map((node) => (isRecord(node) ? node.id : undefined)));
  return edges.flatMap((edge, index): Wrong[] => {
    const ends = isRecord(edge) ? (["source", "target"] as const).filter((end) => !ids.has(edge[end])) : [];
    const path = ["graph", "edges", index];
    if (!isRecord(edge)) return [{ message: t("wrong.edge"), path, fix: t("wrong.write", { text: "{source: docs, target: chunks}" }) }];
    return ends.map((end) => ({ message: t("wrong.noNode", { id: String(edge[end]) }), path: [...path, end], fix: t("wrong.nameNode") }));
  });
}

const wrongFields = (entry: Values): Wrong[] =>
  ["inputs", "compute"].filter((field) => entry[field] != null && !isRecord(entry[field])).map((field) => ({ message: t("wrong.field", { field }), path: [field], fix: "" }));

/** Of a field as a check names it (`nodes[2].config.top_k`), or of the nearest around it. */
export function placeOfField(text: string, field: string): { line: number; column: number } {
  const lines = new LineCounter();
  const document = parseDocument(text, { ...READ, lineCounter: lines });
  const path = field.split(/[.[\]]+/).filter(Boolean).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return placeOf(document, path[0] === "nodes" || path[0] === "edges" ? ["graph", ...path] : path, lines);
}

function placeOf(document: Document, path: Path, lines: LineCounter): { line: number; column: number } {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return placeAt(lines, node.range[0]);
  }
  return { line: 1, column: 1 };
}

function placeAt(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

const dotted = (path: Path) => path.reduce<string>((text, part) => (typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${part}` : part), "");

