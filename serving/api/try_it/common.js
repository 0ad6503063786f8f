"use strict";

const at = (id) => document.getElementById(id);
const page = document.querySelector("main").dataset;
const offered = new Set(page.routes.split(","));
// For this tab alone, and never in an address: those end up in histories and logs.
const KEY = "key";
/** By route: what its part does once it may ask. */
const onceOpen = {};

function takeKey() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  lock(page.needsKey === "true" && !sessionStorage.getItem(KEY), "");
}

function lock(locked, reason) {
  if (locked) sessionStorage.removeItem(KEY);
  at("unlock").hidden = !locked;
  at("open").hidden = locked;
  at("locked").textContent = reason;
  if (locked) return;
  for (const [route, begin] of Object.entries(onceOpen)) if (offered.has(route)) begin();
}

/** What people or a model wrote is text, and never becomes more. */
function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function alerted(error) {
  const made = element("p", error.message, "failed");
  made.setAttribute("role", "alert");
  return made;
}

/** Addresses are relative: a provider's proxy may put a path before ours. */
async function send(method, path, body, options = {}) {
  const key = sessionStorage.getItem(KEY);
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  if (body !== undefined) headers["Content-Type"] = options.type ?? "application/json";
  const response = await fetch(path, { method, headers, body, signal: options.signal });
  if (response.ok) return response;
  const told = await response.json().catch(() => ({}));
  const error = told.error ?? { message: `It answered ${response.status}.` };
  if (response.status === 401) lock(true, error.message);
  throw new Error([error.message, error.fix].filter(Boolean).join("\n"));
}

/** Server-sent events as they come, each as its lines. */
async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const blocks = (waiting + part.value).split(/\r?\n\r?\n/);
    waiting = blocks.pop();
    for (const block of blocks) yield block.split(/\r?\n/);
  }
}

const fieldOf = (lines, name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);

const sendJson = (path, body, options) => send("POST", path, JSON.stringify(body), options);

/** Shows in `outcome` what comes of it, or why nothing did. */
function onSubmit(form, outcome, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    outcome.replaceChildren();
    button.disabled = true;
    try {
      await work();
    } catch (error) {
      outcome.replaceChildren(alerted(error));
    } finally {
      button.disabled = false;
    }
  });
}

function downloadable(name, content, type) {
  const link = element("a", `Download ${name}`);
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  return link;
}

function table(heads, rows) {
  const made = element("table");
  const line = (cells, tag) => {
    const row = element("tr");
    row.append(...cells.map((cell) => element(tag, shown(cell))));
    return row;
  };
  made.append(line(heads, "th"), ...rows.map((cells) => line(cells, "td")));
  return made;
}

const shown = (value) =>
  typeof value === "number" ? value.toLocaleString("en", { maximumSignificantDigits: 6 }) : String(value ?? "");
