/** What a chat shows while its answer is made. */
import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import { answers, historyOf, type How, type Said } from "../../windmill/apps/ml_pipeline_builder.raw_app/chat/answers";
import { marked } from "../../windmill/apps/ml_pipeline_builder.raw_app/chat/marked";

const SOURCES = [{ passage: "A. Ten days. B.", highlight: "Ten days.", document: "rent.md", page: null }];
const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

let write: (answer: ServerResponse) => unknown = () => undefined;
const server = createServer((_, answer) => (answer.writeHead(200, { "content-type": "text/event-stream" }), void write(answer)));
before(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done)));
after(() => (server.closeAllConnections(), server.close()));

const how: How = {
  streamed: (_, signal) => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { signal }),
  whole: async () => ({ answer: "Ten days.", sources: [], model: "small", seconds: 1 }),
};
const begun = (stop = new AbortController(), asked = how) => answers({ question: "How long?", history: [] }, stop.signal, asked);
const all = async (said: AsyncIterable<Said>) => (await Array.fromAsync(said)).map(({ answer }) => answer);

test("a word is shown before the next one is made, sources before both", async () => {
  let next = () => {};
  write = (answer) => {
    answer.write(event("sources", { sources: SOURCES }) + event("token", { text: "Ten" }));
    next = () => answer.end(event("token", { text: " days" }) + event("done", { answer: "Ten days", model: "small", seconds: 2 }));
  };
  const said = begun();
  assert.deepEqual((await said.next()).value, { answer: "", sources: SOURCES });
  assert.equal((await said.next()).value!.answer, "Ten");
  next();
  assert.deepEqual(await Array.fromAsync(said), [
    { answer: "Ten days", sources: SOURCES },
    { answer: "Ten days", sources: SOURCES, model: "small", seconds: 2 },
  ]);
});

test("events cut anywhere, in the middle of a letter too, are read as they were sent", async () => {
  const bytes = Buffer.from(event("token", { text: "fünf €" }) + event("done", { answer: "fünf €", model: "m", seconds: 1 }));
  write = async (answer) => {
    for (const byte of bytes) await new Promise<void>((sent) => answer.write(Buffer.from([byte]), () => sent()));
    answer.end();
  };
  assert.deepEqual(await all(begun()), ["fünf €", "fünf €"]);
});

test("what was said until it was stopped stays, and no more comes", async () => {
  write = (answer) => answer.write(event("token", { text: "Ten" }));
  const stop = new AbortController();
  const said = begun(stop);
  assert.equal((await said.next()).value!.answer, "Ten");
  stop.abort();
  assert.deepEqual(await all(said), []);
});

test("an error is told in its own words, an answer that breaks off in ours", async () => {
  write = (answer) => answer.end(event("token", { text: "Ten" }) + event("error", { error: { message: "The model is gone.", fix: "Start it." } }));
  await assert.rejects(all(begun()), { message: "The model is gone. Start it." });
  write = (answer) => answer.end(event("token", { text: "Ten" }));
  await assert.rejects(all(begun()), /broke off/);
});

test("where nobody streams, the answer comes whole", async () => {
  assert.deepEqual(await all(begun(undefined, { ...how, streamed: async () => undefined })), ["Ten days."]);
});

test("a passage opens at its sentence, however its lines break and whatever stands in it", () => {
  assert.deepEqual(marked("One.\nTen\n  days (max.). End.", "Ten days (max.)."), [
    { text: "One.\n", is: false },
    { text: "Ten\n  days (max.).", is: true },
    { text: " End.", is: false },
  ]);
  assert.deepEqual(marked("<b>x</b>", "elsewhere"), [{ text: "<b>x</b>", is: false }]);
  assert.deepEqual(marked("abc", ""), [{ text: "abc", is: false }]);
});

test("a question is asked after the newest exchanges, whole ones only, and after none that was not answered", () => {
  const exchanges = Array.from({ length: 5 }, (_, number) => ({ question: `q${number}`, said: { answer: `a${number}` } }));
  const failed = { question: "lost", said: { answer: "" } };
  assert.deepEqual(historyOf([...exchanges, failed]).map(({ content }) => content), ["q2", "a2", "q3", "a3", "q4", "a4"]);
  assert.deepEqual(historyOf([{ question: "first" }]), []);
  assert.ok(historyOf([{ question: "q", said: { answer: "x".repeat(50_000) } }])[1]!.content.length < 20_000);
});
