const BETWEEN_LOOKS_MS = 1000;
const LONGEST_ANSWER = 512; // tokens

onSubmit(at("summarize"), at("summary"), async () => {
  const [file] = at("paper").files;
  const text = at("text").value;
  if (!file && !text.trim()) throw new Error("Write a text, or choose a file.");
  const answer = file
    ? await send("PUT", `summarize/${encodeURIComponent(file.name)}`, file, { type: "application/octet-stream" })
    : await sendJson("summarize", { text });
  const { summary, method, reason, seconds } = await answer.json();
  const facts = [method, reason, `${seconds.toFixed(1)} s`].filter(Boolean).join(" · ");
  at("summary").replaceChildren(element("p", summary), element("small", facts, "quiet"));
});

onSubmit(at("complete"), at("completion"), async () => {
  const messages = [{ role: "user", content: at("message").value }];
  const asked = { messages, max_tokens: LONGEST_ANSWER, temperature: 0, stream: true, stream_options: { include_usage: true } };
  const said = element("p", "", "main");
  at("completion").replaceChildren(said);
  for await (const lines of eventsOf(await sendJson("v1/chat/completions", asked))) {
    const data = fieldOf(lines, "data");
    const { choices, error } = data && data !== "[DONE]" ? JSON.parse(data) : {};
    if (error) throw new Error(error.message);
    said.append(choices?.[0]?.delta?.content ?? "");
  }
});

async function follow() {
  for (;;) {
    const { status, done, total, reason } = await (await send("GET", "batch")).json();
    const bar = element("progress");
    [bar.max, bar.value] = [total || 1, done];
    at("running").replaceChildren(element("p", `${status}: ${done} of ${total} rows`), bar);
    if (status === "failed") throw new Error(reason);
    if (status === "done") return;
    await new Promise((go) => setTimeout(go, BETWEEN_LOOKS_MS));
  }
}

onSubmit(at("run"), at("running"), async () => {
  await send("POST", "batch");
  await follow();
  const output = await send("GET", "batch/output");
  const [, name = "output.csv"] = /filename="([^"]+)"/.exec(output.headers.get("content-disposition") ?? "") ?? [];
  at("running").append(downloadable(name, await output.blob(), output.headers.get("content-type")));
});

onSubmit(at("look"), at("found"), async () => {
  const { passed, score, required, count, metric, questions } = await (await send("GET", "report")).json();
  const percent = (part) => `${Math.round(part * 100)} %`;
  const verdict = `${passed ? "Passed" : "Not passed"}: ${percent(score)} of ${count} questions right by ${metric}, ${percent(required)} required.`;
  const rows = questions.map((each) => [each.question, each.expected.join(" / "), each.answer || each.error, each.passed ? "yes" : "no"]);
  at("found").replaceChildren(element("p", verdict, "main"), table(["Question", "Expected", "Answer", "Right"], rows));
});
