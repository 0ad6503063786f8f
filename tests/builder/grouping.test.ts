/** Steps become an entry of their own, and are taken out of it again. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { read } from "../../windmill/apps/ml_pipeline_builder.raw_app/composed/composition";
import { grouped } from "../../windmill/apps/ml_pipeline_builder.raw_app/composed/grouping";
import { ungrouped } from "../../windmill/apps/ml_pipeline_builder.raw_app/composed/ungrouping";

// A copy of the catalog, which is checked as a whole once these tests are done.
const FOLDER = `${process.argv.at(-1)}/meta-pipelines`;
const text = (name: string) => readFileSync(`${FOLDER}/${name}.yaml`, "utf8");
const keep = (name: string, written: string) => writeFileSync(`${FOLDER}/${name}.yaml`, written);
const [PLATFORM, INSIGHTS, RELEASE] = ["knowledge-platform", "insights", "release-with-approval"].map(text) as [string, string, string];

test("what is chosen moves, what it was given and gave is passed on, and no other line changes", () => {
  const { text: left, nested, id } = grouped(INSIGHTS, ["classifier", "check"], "tried-classifier");
  assert.equal(id, "tried_classifier");
  assert.deepEqual(read(nested).inputs, { tickets: read(INSIGHTS).inputs!.tickets, example: read(INSIGHTS).inputs!.example });
  assert.deepEqual(read(nested).outputs, { classifier_endpoint_url: "${steps.classifier.endpoint_url}", check_answer: "${steps.check.answer}" });
  assert.deepEqual(read(left).steps!.at(-1), {
    id: "tried_classifier",
    use: "meta-pipelines/tried-classifier",
    with: { tickets: "${inputs.tickets}", example: "${inputs.example}" },
  });
  const before = new Set(INSIGHTS.split("\n"));
  const changed = left.split("\n").filter((line) => !before.has(line));
  assert.equal(changed.length, 3, changed.join("\n")); // the step, and the two outputs that came from inside
  keep("tried-classifier", nested);
  keep("insights", left);
});

test("needs lead to the group and out of it, and what comes from a step outside is an input", () => {
  const { text: left, nested } = grouped(RELEASE, ["publish"], "told");
  assert.deepEqual(read(left).steps!.at(-1), { id: "told", use: "meta-pipelines/told", needs: ["check"], with: { candidate_endpoint_url: "${steps.candidate.endpoint_url}" } });
  const [publish] = read(nested).steps!;
  assert.equal(publish!.needs, undefined);
  assert.deepEqual(publish!.with, { subject: "A new classifier is released", text: "It answers at ${inputs.candidate_endpoint_url}." });
  keep("told", nested);
  keep("release-with-approval", left);
  const desks = grouped(PLATFORM, ["desks"], "all-desks");
  assert.deepEqual(read(desks.text).steps!.find((step) => step.id === "tell")!.needs, ["all_desks"]);
});

test("steps with another between them are refused in words", () => {
  assert.throws(() => grouped(RELEASE, ["candidate", "publish"], "both"), /check waits for one of them and publish for it: choose check, too/);
  assert.throws(() => grouped(RELEASE, [], "none"), /Choose the steps/);
});

test("taken out again, the steps say what they said", () => {
  for (const [written, chosen] of [[INSIGHTS, ["classifier", "check"]], [RELEASE, ["publish"]], [RELEASE, ["candidate", "check"]]] as const) {
    const { text: left, nested, id } = grouped(written, [...chosen], "part");
    const back = read(ungrouped(left, id, nested));
    const byId = (steps: { id: string }[]) => Object.fromEntries(steps.map((step) => [step.id, step]));
    assert.deepEqual(byId(back.steps!), byId(read(written).steps!));
    assert.deepEqual(back.outputs, read(written).outputs);
  }
});

test("an entry of the catalog is taken apart: names that are taken are made free, defaults are written down", () => {
  const apart = ungrouped(PLATFORM, "insights", INSIGHTS);
  const steps = read(apart).steps!;
  assert.deepEqual(steps.map(({ id }) => id), ["embeddings", "desks", "tell", "classifier", "forecast", "check"]);
  assert.deepEqual(steps.at(-1)!.with, { endpoint: "${steps.classifier.endpoint_url}", question: { input: "The parcel has not arrived" } });
  assert.match(String(steps[2]!.with!.text), /\$\{steps\.classifier\.endpoint_url\}/);
  assert.equal(read(apart).outputs!.answer, "${steps.check.answer}");
  keep("knowledge-platform", apart);
  assert.equal(read(ungrouped(PLATFORM.replace("id: embeddings", "id: check"), "insights", INSIGHTS)).steps!.at(-1)!.id, "insights_check");
});

test("what would not do the same is refused in words", () => {
  const each = PLATFORM.replace("use: meta-pipelines/insights", "use: meta-pipelines/insights\n    approval: true");
  assert.throws(() => ungrouped(each, "insights", INSIGHTS), /insights says approval for all that is in it/);
  assert.throws(() => ungrouped(PLATFORM.replace("{tickets: '${inputs.tickets}', ", "{"), "insights", INSIGHTS), /given no tickets/);
  assert.throws(() => ungrouped(PLATFORM, "embeddings", "kind: pipeline\nname: x\n"), /made of no steps/);
});
