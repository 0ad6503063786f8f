let asking;

/** The sentence that is to be seen first stands out; its lines may be broken otherwise in the passage. */
function marked(passage, highlight) {
  const words = highlight.trim().split(/\s+/).map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const found = highlight.trim() ? new RegExp(words.join("\\s+")).exec(passage) : null;
  if (!found) return [passage];
  return [passage.slice(0, found.index), element("mark", found[0]), passage.slice(found.index + found[0].length)];
}

function showSource(source) {
  const card = element("details", "", "source");
  const place = source.page === null ? source.document : `${source.document}, page ${source.page}`;
  const summary = element("summary", `${place} · ${source.score.toFixed(2)}`);
  if (source.section) summary.append(element("strong", source.section));
  summary.append(element("q", source.highlight));
  const passage = element("p");
  passage.append(...marked(source.passage, source.highlight));
  card.append(summary, passage);
  at("sources").append(card);
}

const onEvent = {
  sources: (data) => data.sources.forEach(showSource),
  token: (data) => at("answer").append(data.text),
  done: (data) => { at("facts").textContent = `${data.model} · ${data.seconds.toFixed(1)} s`; },
  error: ({ error }) => { throw new Error([error.message, error.fix].filter(Boolean).join("\n")); },
};

async function ask(question, signal) {
  const response = await sendJson("chat", { question, stream: true }, { signal });
  for await (const lines of eventsOf(response)) {
    const data = fieldOf(lines, "data");
    if (data) onEvent[fieldOf(lines, "event")]?.(JSON.parse(data));
  }
}

onSubmit(at("form"), at("answer"), async () => {
  asking = new AbortController();
  at("facts").textContent = "";
  at("sources").replaceChildren();
  at("stop").hidden = false;
  try {
    await ask(at("question").value, asking.signal);
  } catch (error) {
    if (!asking.signal.aborted) throw error;
    at("facts").textContent = "Stopped.";
  } finally {
    at("stop").hidden = true;
    at("question").select();
  }
});
at("stop").addEventListener("click", () => asking.abort());
onceOpen["POST /chat"] = () => at("question").focus();
