/** What a canvas of steps makes of its entry's text. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { addedStep, begun, changed, changedStep, read, removedStep, unwait, wait, waitsOf, whyNotDrawn, whyNotWait } from "../../windmill/apps/ml_pipeline_builder.raw_app/composed/composition";
import { difference } from "../../windmill/apps/ml_pipeline_builder.raw_app/entry/difference";
import { stateOf, type EntryRun } from "../../windmill/apps/ml_pipeline_builder.raw_app/composed/levels";
import { layered } from "../../windmill/apps/ml_pipeline_builder.raw_app/layered";

const FOLDER = `${process.argv.at(-1)}/meta-pipelines`;
const text = (name: string) => readFileSync(`${FOLDER}/${name}.yaml`, "utf8");
const PLATFORM = text("knowledge-platform");

test("opening and saving a composition gives no diff", () => {
  for (const file of readdirSync(FOLDER)) {
    const written = readFileSync(`${FOLDER}/${file}`, "utf8");
    assert.equal(changed(written, {}), written);
    assert.deepEqual(whyNotDrawn(read(written)), []);
  }
});

test("edges tell which fields make a step wait", () => {
  assert.deepEqual(waitsOf(read(PLATFORM)), [
    { from: "desks", to: "tell", by: ["needs"] },
    { from: "embeddings", to: "tell", by: ["with.text"] },
    { from: "insights", to: "tell", by: ["with.text"] },
  ]);
  const digest = waitsOf(read(text("news-digest")));
  assert.deepEqual(digest.find(({ from }) => from === "feed"), { from: "feed", to: "summaries", by: ["for_each"] });
});

test("an edit writes what it is about and nothing else", () => {
  const waits = wait(PLATFORM, "embeddings", "insights");
  assert.equal(waits, PLATFORM.replace("value_column: '${inputs.value_column}'}\n  - {id: desks", "value_column: '${inputs.value_column}'}\n    needs: [embeddings]\n  - {id: desks"));
  assert.equal(unwait(waits, "embeddings", "insights"), PLATFORM);
  const asked = changedStep(PLATFORM, "desks", { approval: true, when: "${inputs.open}" });
  assert.equal(asked, PLATFORM.replace("{folders: '${inputs.folders}'}}", "{folders: '${inputs.folders}'}, approval: true, when: '${inputs.open}'}"));
});

test("a step is added under a free id and taken away with what needs it", () => {
  const added = addedStep(addedStep(begun("meta-pipelines/mine"), "pipelines/rag-chatbot").text, "pipelines/rag-chatbot");
  assert.deepEqual(read(added.text).steps?.map(({ id }) => id), ["rag_chatbot", "rag_chatbot_2"]);
  assert.match(added.text, /^ {2}- \{id: rag_chatbot, use: pipelines\/rag-chatbot\}$/m);
  const without = read(removedStep(wait(added.text, "rag_chatbot", "rag_chatbot_2"), "rag_chatbot"));
  assert.deepEqual(without.steps, [{ id: "rag_chatbot_2", use: "pipelines/rag-chatbot" }]);
});

test("a step that would wait for itself, twice or in a circle is refused in words", () => {
  const entry = read(PLATFORM);
  assert.match(whyNotWait(entry, "tell", "tell"), /itself/);
  assert.match(whyNotWait(entry, "desks", "tell"), /already/);
  assert.match(whyNotWait(entry, "tell", "embeddings"), /circle/);
  assert.equal(whyNotWait(entry, "desks", "insights"), "");
});

test("a step's state is that of all below it", () => {
  const step = (id: string, state: string) => ({ id, title: id, state, detail: "" });
  const run = { state: "deploying", steps: [step("a/one", "done"), step("a/two", "waiting"), step("b", "waiting"), step("c/0/x/one", "failed"), step("c/1/x/one", "done")] } as EntryRun;
  assert.deepEqual(["a", "b", "c", "d"].map((id) => stateOf(run, "", id)), ["running", "waiting", "failed", undefined]);
  assert.equal(stateOf(run, "c/1", "x"), "done");
});

test("the same drawing is laid out the same, no node on another", () => {
  const nodes = Array.from({ length: 60 }, (_, index) => ({ id: `n${index}`, width: 216, height: 76 }));
  const edges = nodes.slice(1).map(({ id }, index) => ({ from: `n${Math.floor(index / 3)}`, to: id }));
  const first = [...layered(nodes, edges)];
  assert.deepEqual([...layered(nodes, edges)], first);
  for (const [one, a] of first) for (const [other, b] of first) assert.ok(one >= other || Math.abs(a.x - b.x) >= 216 || Math.abs(a.y - b.y) >= 76, `${one} ${other}`);
});

test("two versions differ in what came, went and changed, and not in where it stands", () => {
  const placed = PLATFORM.replace("{id: embeddings, use", "{id: embeddings, position: {x: 1, y: 2}, use");
  assert.ok(difference(PLATFORM, placed).parts.every(({ mark }) => mark === "same"));
  const after = changedStep(removedStep(addedStep(PLATFORM, "playbooks/call-api").text, "desks"), "insights", { with: { tickets: "t.csv" }, approval: true });
  const { parts, joins } = difference(PLATFORM, after);
  assert.deepEqual(Object.fromEntries(parts.map(({ id, mark }) => [id, mark])), { embeddings: "same", insights: "changed", tell: "changed", call_api: "added", desks: "removed" });
  const fields = parts.find(({ id }) => id === "insights")!.fields.map(({ field, before, after }) => [field, before, after]);
  assert.deepEqual(fields.slice(0, 1), [["with.tickets", "${inputs.tickets}", "t.csv"]]);
  assert.deepEqual(fields.at(-1), ["approval", undefined, true]);
  assert.deepEqual(joins.filter(({ mark }) => mark !== "same"), [{ from: "desks", to: "tell", mark: "removed" }]);
});
