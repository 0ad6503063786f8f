let input;

onceOpen["POST /predict"] = async () => {
  try {
    const takes = await (await send("GET", "predict")).json();
    input = FIELDS[takes.kind](takes);
    at("fields").replaceChildren(...input.fields);
  } catch (error) {
    at("fields").replaceChildren(alerted(error));
  }
};

function share([name, part]) {
  const item = element("li", name);
  const bar = element("meter");
  bar.value = part;
  bar.setAttribute("aria-label", name);
  item.append(bar, element("span", `${(part * 100).toFixed(1)} %`));
  return item;
}

function shares(of) {
  const list = element("ul", "", "shares");
  list.setAttribute("aria-label", "How likely each is");
  list.append(...Object.entries(of).sort(([, one], [, other]) => other - one).slice(0, 8).map(share));
  return list;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** In words, bars and a table where it is of a known form; always as it came. */
function* told(output) {
  const { label, value, text, interval, probabilities, scores, warnings, forecast } = isObject(output) ? output : {};
  const main = label ?? value ?? text;
  if (main !== undefined) yield element("p", shown(main), "main");
  if (Array.isArray(interval)) yield element("p", `most likely between ${shown(interval[0])} and ${shown(interval[1])}`, "quiet");
  if (isObject(probabilities ?? scores)) yield shares(probabilities ?? scores);
  if (Array.isArray(forecast)) yield table(Object.keys(forecast[0] ?? {}), forecast.map(Object.values));
  if (Array.isArray(warnings)) yield* warnings.map((why) => element("p", why, "quiet"));
  const details = element("details");
  details.append(element("summary", "As it came"), element("pre", JSON.stringify(output, null, 2)));
  yield details;
}

onSubmit(at("predict"), at("prediction"), async () => {
  if (!input) throw new Error("What it takes is not known yet. Load this page again.");
  const answer = await (await sendJson("predict", { input: await input.read() })).json();
  at("prediction").replaceChildren(...told(answer.output));
});

onSubmit(at("score"), at("scored"), async () => {
  const [file] = at("rows").files;
  const csv = await (await send("POST", "batch/csv", file, { type: "text/csv" })).text();
  const rows = csv.trimEnd().split("\n").length - 1;
  const name = file.name.replace(/(\.\w+)?$/, "-predicted.csv");
  at("scored").replaceChildren(element("p", `${rows} rows predicted.`), downloadable(name, csv, "text/csv"));
});
