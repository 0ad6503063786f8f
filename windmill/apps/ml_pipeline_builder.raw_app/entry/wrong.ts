import { LineCounter, parseDocument, type Document } from "yaml";

import type { Problem } from "../types";
import { isRecord, READ, type Values } from "./values";

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
  if (!isRecord(entry)) return wrong("The text is no mapping of fields.", [], "Begin with `kind: pipeline`.");
  if (entry.kind !== "pipeline") return wrong("Only a pipeline is drawn of nodes.", ["kind"], "Write `kind: pipeline`.");
  if (typeof entry.name !== "string") return wrong("The pipeline has no name.", ["name"], "Add `name:`.");
  if (!isRecord(entry.graph)) return wrong("The pipeline has no graph.", ["graph"], "Add `graph:` with `nodes:`.");
  if (!Array.isArray(entry.graph.nodes)) return wrong("The graph has no list of nodes.", ["graph", "nodes"], "Add `nodes:`.");
  return [...wrongNodes(entry.graph.nodes), ...wrongEdges(entry.graph.edges ?? [], entry.graph.nodes), ...wrongFields(entry), ...wrongNotes(entry.notes ?? [])];
}

export function wrongNotes(notes: unknown): Wrong[] {
  if (!Array.isArray(notes)) return [{ message: "The notes are no list.", path: ["notes"], fix: "Write `notes: []`." }];
  return notes.flatMap((note, index): Wrong[] => {
    const right = isRecord(note) && typeof note.text === "string" && !placeIsWrong(note);
    return right ? [] : [{ message: "A note needs a text and a place.", path: ["notes", index], fix: "Write `{text: why it is so, x: 0, y: 0}`." }];
  });
}

function wrongNodes(nodes: unknown[]): Wrong[] {
  const seen = new Set<unknown>();
  return nodes.flatMap((node, index): Wrong[] => {
    const path = ["graph", "nodes", index];
    if (!isRecord(node) || typeof node.id !== "string" || typeof node.component !== "string")
      return [{ message: "A node needs an id and a component.", path, fix: "Write `{id: docs, component: documents}`." }];
    if (seen.has(node.id)) return [{ message: `Another node is called ${node.id}.`, path: [...path, "id"], fix: "Give each node an id of its own." }];
    seen.add(node.id);
    if (node.config != null && !isRecord(node.config)) return [{ message: `The settings of ${node.id} are no mapping.`, path: [...path, "config"], fix: "Write `config: {name: value}`." }];
    return placeIsWrong(node.position) ? [{ message: `The place of ${node.id} is none.`, path: [...path, "position"], fix: "Write `position: {x: 0, y: 0}`, or nothing." }] : [];
  });
}

const placeIsWrong = (place: unknown) =>
  place !== undefined && !(isRecord(place) && [place.x, place.y].every((each) => typeof each === "number" && Number.isFinite(each)));

function wrongEdges(edges: unknown, nodes: unknown[]): Wrong[] {
  if (!Array.isArray(edges)) return [{ message: "The edges are no list.", path: ["graph", "edges"], fix: "" }];
  const ids = new Set(nodes.map((node) => (isRecord(node) ? node.id : undefined)));
  return edges.flatMap((edge, index): Wrong[] => {
    const ends = isRecord(edge) ? (["source", "target"] as const).filter((end) => !ids.has(edge[end])) : [];
    const path = ["graph", "edges", index];
    if (!isRecord(edge)) return [{ message: "An edge needs a source and a target.", path, fix: "Write `{source: docs, target: chunks}`." }];
    return ends.map((end) => ({ message: `No node is called ${String(edge[end])}.`, path: [...path, end], fix: "Name the id of a node." }));
  });
}

const wrongFields = (entry: Values): Wrong[] =>
  ["inputs", "compute"].filter((field) => entry[field] != null && !isRecord(entry[field])).map((field) => ({ message: `${field} is no mapping.`, path: [field], fix: "" }));

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

