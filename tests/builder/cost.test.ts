/** What each node costs, and that what is seen adds up. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import type { EntryRun } from "../../windmill/apps/ml_pipeline_builder.raw_app/composed/levels";
import { stepCost } from "../../windmill/apps/ml_pipeline_builder.raw_app/composed/stepCosts";
import { age, machineOf, nodeCosts } from "../../windmill/apps/ml_pipeline_builder.raw_app/cost/nodeCosts";
import type { Catalog, Deployment, Prices } from "../../windmill/apps/ml_pipeline_builder.raw_app/types";

const catalog = { components: JSON.parse(readFileSync(process.argv.at(-2)!, "utf8")) } as Catalog;
const nodes = ["documents", "embeddings", "llm-chat"].map((component) => ({ id: component, component }));
const NOW = new Date("2026-06-03T12:00:00Z");
const offer = (name: string, hourly_usd: number) => ({ name, hourly_usd, reason: "", read_on: "2026-06-01" });
const prices: Prices = { as_of: "2026-06-01", offers: { local: offer("this machine", 0), runpod: offer("L4", 0.43), vastai: null } };
const live = (cost: Deployment["cost"], target = "runpod") => ({ id: "d", name: "desk", target, cost }) as Deployment;

test("what is rented has its price once, with its age, at the model that it is rented for", () => {
  const costs = nodeCosts({ nodes }, catalog, machineOf({ target: "runpod" }, prices, undefined), NOW);
  assert.deepEqual(nodes.map(({ id }) => costs[id]!.short), [undefined, "$0.43/h", undefined]);
  assert.equal(costs.embeddings!.words, "L4: $0.43/h for the whole pipeline, a price 2 days old");
  assert.equal(costs.documents!.words, "On the same L4: nothing more is paid");
});

test("on this machine nothing is rented, and what nobody knows is not told", () => {
  const costs = nodeCosts({ nodes }, catalog, machineOf({ target: "local" }, prices, undefined), NOW);
  assert.deepEqual(new Set(Object.values(costs).map(({ words }) => words)), new Set(["On this machine: nothing is rented"]));
  assert.deepEqual(nodeCosts({ nodes }, catalog, machineOf({ target: "vastai" }, prices, undefined), NOW), {});
});

test("what runs costs what was paid for it, whatever is drawn now", () => {
  const charges = [{ offer: "H100", machine: "", hourly_usd: 2.5, read_on: "2026-06-03" }];
  const machine = machineOf({ target: "local" }, prices, live({ hourly_usd: 2.5, so_far_usd: 1, charges }));
  assert.equal(nodeCosts({ nodes }, catalog, machine, NOW).embeddings!.words, "H100: $2.50/h for the whole pipeline, a price of today");
  assert.equal(machineOf({ target: "runpod" }, prices, live(null, "local"))!.name, "this machine");
  assert.deepEqual([age("2026-06-02", NOW), age("", NOW)], ["a price of yesterday", ""]);
});

test("a step of a composition costs what all that it made costs", () => {
  const made = [{ id: "a", step: "chat/eu" }, { id: "b", step: "chat/us" }, { id: "c", step: "chatter" }];
  const run = { deployments: made } as EntryRun;
  const running = ["a", "b", "c"].map((id) => ({ id, name: id, target: "runpod", cost: { hourly_usd: 0.5, so_far_usd: 2 } }) as Deployment);
  assert.deepEqual(stepCost(run, "", "chat", running), { short: "$1.00/h", words: "a on runpod, b on runpod: $1.00/h, $4.00 so far", rented: true });
  assert.equal(stepCost(run, "", "other", running), undefined);
  assert.equal(stepCost(run, "", "chat", [{ ...running[0]!, target: "local", cost: null }])!.words, "a on local: nothing is rented");
});
