/** The drawing as a list: the same nodes and edges, and no edge that the canvas would refuse. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { toCanvasEdge, toCanvasNode } from "../../windmill/apps/ml_pipeline_builder.raw_app/drawing";
import { asEnd, freeEnds, inReadingOrder, joinedAt } from "../../windmill/apps/ml_pipeline_builder.raw_app/outline/outlined";
import type { Catalog, DrawnNode } from "../../windmill/apps/ml_pipeline_builder.raw_app/types";

const catalog = { components: JSON.parse(readFileSync(process.argv.at(-2)!, "utf8")) } as Catalog;
const drawn: DrawnNode[] = [
  { id: "pieces", component: "text-splitter", position: { x: 300, y: 0 } },
  { id: "docs", component: "documents", position: { x: 0, y: 0 } },
  { id: "more", component: "documents", position: { x: 0, y: 200 } },
];
const edges = [toCanvasEdge({ source: "docs", target: "pieces" }, drawn, catalog)];
const nodes = drawn.map(toCanvasNode);

test("nodes stand in the order in which one reads the canvas", () => {
  assert.deepEqual(inReadingOrder(nodes).map(({ id }) => id), ["docs", "more", "pieces"]);
});

test("both ends of an edge tell of it", () => {
  const port = edges[0]!.sourceHandle!;
  assert.deepEqual(joinedAt("docs", port, "source", edges).map(({ end }) => end.node), ["pieces"]);
  assert.deepEqual(joinedAt("pieces", edges[0]!.targetHandle!, "target", edges).map(({ end }) => end.node), ["docs"]);
  assert.deepEqual(joinedAt("more", port, "source", edges), []);
});

test("only what the canvas would join is offered, and what is chosen becomes that edge", () => {
  const from = { node: "more", port: edges[0]!.sourceHandle!, type: "source" as const };
  assert.deepEqual(freeEnds(from, { nodes, edges }, catalog), []);
  const [free] = freeEnds(from, { nodes, edges: [] }, catalog);
  assert.equal(free!.node, "pieces");
  assert.deepEqual(asEnd(from, JSON.stringify(free)), { source: "more", sourceHandle: from.port, target: "pieces", targetHandle: free!.port });
});
