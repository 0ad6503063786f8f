/** What a drawing makes of its entry's text. The components are those of the catalog, given by the test around. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { patched } from "../../windmill/apps/ml_pipeline_builder.raw_app/entry/patch";
import { readPipeline, writePipeline } from "../../windmill/apps/ml_pipeline_builder.raw_app/entry/pipelineText";
import { placeOfField, problemsOf } from "../../windmill/apps/ml_pipeline_builder.raw_app/entry/wrong";
import { emptyDraft } from "../../windmill/apps/ml_pipeline_builder.raw_app/layout";
import type { Catalog, Draft } from "../../windmill/apps/ml_pipeline_builder.raw_app/types";

const [COMPONENTS = "", CATALOG = ""] = process.argv.slice(-2);
const PIPELINES = `${CATALOG}/pipelines`;
const catalog = { components: JSON.parse(readFileSync(COMPONENTS, "utf8")), pipelines: {}, targets: ["local"], own_targets: [] } as Catalog;
const text = (name: string) => readFileSync(`${PIPELINES}/${name}.yaml`, "utf8");

function opened(written: string): Draft {
  const read = readPipeline(written, emptyDraft("local"), catalog);
  assert.ok("draft" in read, JSON.stringify(read));
  return read.draft;
}

const drawn = readdirSync(PIPELINES).map((file) => file.replace(".yaml", "")).filter((name) => /^graph:/m.test(text(name)));

test("opening and saving an entry gives no diff", () => {
  assert.ok(drawn.length > 8);
  for (const name of drawn) assert.equal(writePipeline(opened(text(name)), catalog), text(name));
});

const HAND_WRITTEN = `# why this one is kept
kind:   pipeline
name: "by-hand"   # as people know it
graph:
  # in the order people think of them
  nodes:
  - {component: documents, id: docs,   config: {path: '/a'}}

  - id: chunks
    component: "text-splitter"
    config:
      chunk_size: 90   # words
      overlap: 15
  edges: [{source: docs, target: chunks}]   # the only one
# the end`;

test("comments, order, quotes and line ends stay", () => {
  assert.equal(writePipeline(opened(HAND_WRITTEN), catalog), HAND_WRITTEN);
  const windows = HAND_WRITTEN.replaceAll("\n", "\r\n");
  assert.equal(writePipeline(opened(windows), catalog), windows);
});

test("a setting changes its own bytes and no others", () => {
  const draft = opened(HAND_WRITTEN);
  const nodes = draft.nodes.map((node) => (node.id === "chunks" ? { ...node, config: { ...node.config, chunk_size: 120 } } : node));
  assert.equal(writePipeline({ ...draft, nodes }, catalog), HAND_WRITTEN.replace("chunk_size: 90 ", "chunk_size: 120 "));
});

test("a node that was moved gets a place, and reading it again changes nothing", () => {
  const draft = opened(HAND_WRITTEN);
  const nodes = draft.nodes.map((node) => (node.id === "docs" ? { ...node, position: { x: 8, y: 640 } } : node));
  const written = writePipeline({ ...draft, nodes }, catalog);
  assert.equal(written, HAND_WRITTEN.replace("{path: '/a'}}", "{path: '/a'}, position: {x: 8, y: 640}}"));
  assert.equal(writePipeline(opened(written), catalog), written);
});

test("what is removed goes with its line, what is added stands behind the rest", () => {
  const draft = opened(HAND_WRITTEN);
  const nodes = [...draft.nodes.filter(({ id }) => id !== "docs"), { id: "embed", component: "embeddings", config: {} }];
  const edges = [{ source: "chunks", target: "embed", source_port: "chunks", target_port: "chunks" }];
  const expected = HAND_WRITTEN.replace("  - {component: documents, id: docs,   config: {path: '/a'}}\n", "")
    .replace("      overlap: 15\n", "      overlap: 15\n  - {id: embed, component: embeddings}\n")
    .replace("{source: docs, target: chunks}", "{source: chunks, target: embed}");
  assert.equal(writePipeline({ ...draft, nodes, edges }, catalog), expected);
});

test("a drawing that was never an entry becomes one, a line a node", () => {
  const { source: _, ...draft } = opened(text("rag-chatbot"));
  const written = writePipeline({ ...draft, name: "mine" }, catalog);
  assert.match(written, /^name: mine$/m);
  assert.match(written, /^    - \{id: chunks, component: text-splitter, config: \{chunk_size: \d+, overlap: \d+\}/m);
  assert.deepEqual(opened(written).edges, draft.edges);
});

test("values that YAML would read as something else come back as they were", () => {
  const odd = ["no", "on", "1_000", "2026-01-02", "~", "a: b", "# x", "'q'", '"', "line\nline", " ", "", "y", "0x1f", "1:30", "- a", "{a}", "é", "null", "1e3"];
  const written = patched("kind: pipeline\nlabels: []\n", { kind: "pipeline", labels: odd, more: { odd } });
  assert.deepEqual(patched(written, { kind: "pipeline", labels: odd, more: { odd } }), written);
});

test("what cannot be drawn is told with its line, its node and a fix", () => {
  const wrong = HAND_WRITTEN.replace("target: chunks}", "target: chunk}").replace("id: chunks", "id: docs");
  const told = problemsOf(wrong).map(({ message, line, field }) => [message, line, field]);
  assert.deepEqual(told, [
    ["Another node is called docs.", 9, "graph.nodes[1].id"],
    ["No node is called chunk.", 14, "graph.edges[0].target"],
  ]);
  const [syntax] = problemsOf("kind: pipeline\nname: [a\n");
  assert.equal(syntax?.line, 3);
  assert.deepEqual(placeOfField(HAND_WRITTEN, "nodes[1].config.chunk_size"), { line: 12, column: 19 });
  assert.deepEqual(placeOfField(HAND_WRITTEN, "nodes[1].config.missing"), { line: 12, column: 7 });
});

test("notes live in the entry and go with the last of them", () => {
  const draft = opened(HAND_WRITTEN);
  const noted = writePipeline({ ...draft, notes: [{ text: "Why: it is so", x: 8, y: -16 }] }, catalog);
  assert.equal(noted, HAND_WRITTEN.replace("# the end", "notes:\n  - {text: 'Why: it is so', x: 8, y: -16}\n# the end"));
  assert.deepEqual(opened(noted).notes, [{ text: "Why: it is so", x: 8, y: -16 }]);
  assert.equal(writePipeline({ ...opened(noted), notes: undefined }, catalog), HAND_WRITTEN);
  assert.equal(problemsOf(noted.replace("x: 8", "x: here"))[0]?.line, 16);
});
