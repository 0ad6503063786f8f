/** How a deployment did, drawn small and told in words. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { HEIGHT, inWords, latest, path, WIDTH } from "../../windmill/apps/ml_pipeline_builder.raw_app/watch/shape";

const points = (drawn: string) => [...drawn.matchAll(/([ML])([\d.]+) ([\d.]+)/g)].map(([, how, x, y]) => ({ how, x: Number(x), y: Number(y) }));

test("a line goes from left to right, the most on top, and nothing known is a gap", () => {
  const [first, second, third, fourth] = points(path([0, 4, null, 2, 1]));
  assert.deepEqual([first, second, third, fourth].map((each) => each!.how), ["M", "L", "M", "L"]);
  assert.deepEqual([first!.x, fourth!.x], [0, WIDTH]);
  assert.equal(Math.min(...points(path([0, 4, null, 2, 1])).map(({ y }) => y)), second!.y);
  assert.ok(first!.y < HEIGHT && second!.y > 0);
});

test("what is nought all the time lies on the ground, a value alone is seen, nothing is drawn of nothing", () => {
  assert.deepEqual(new Set(points(path([0, 0, 0])).map(({ y }) => y)), new Set([HEIGHT - 1]));
  assert.match(path([null, 3, null]), /^M48 1h0\.01$/);
  assert.equal(path([null, null]), "");
});

test("whoever does not see it is told what is now and what was most", () => {
  assert.equal(inWords("seconds", [0.5, 2, null]), "p95: 2 s now, 2 s at most in the last hour");
  assert.equal(inWords("errors", [0.25, 0]), "errors: 0% now, 25% at most in the last hour");
  assert.equal(inWords("requests", [null]), "requests: nothing in the last hour");
  assert.equal(latest([1, null, 0, null]), 0);
});
