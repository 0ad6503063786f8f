// The page around a full-code app, as in Windmill: the app asks by postMessage, this page calls
// the platform. The browser never holds Windmill's token.
"use strict";

const frame = document.querySelector("iframe");
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;
const DOWN = "The gateway does not answer. `mlops up` starts it again; what was started goes on.";

const answers = {
  backend: async ({ runnable_id, v }) => resultOf(await ended(await begin(runnable_id, v))),
  backendAsync: ({ runnable_id, v }) => begin(runnable_id, v),
  waitJob: ({ jobId }) => ended(jobId),
  getJob: ({ jobId }) => job(jobId),
  streamJob: async ({ jobId }) => resultOf(await ended(jobId)),
};

window.addEventListener("message", async ({ source, origin, data }) => {
  const known = source === frame.contentWindow && origin === window.location.origin;
  if (!known || !Object.hasOwn(answers, data?.type)) return;
  const reply = { type: `${data.type}Res`, reqId: data.reqId };
  try {
    reply.result = await answers[data.type](data);
    reply.error = false;
  } catch (error) {
    reply.result = { message: error.message };
    reply.error = true;
  }
  frame.contentWindow.postMessage(reply, window.location.origin);
});

const begin = async (runnable, args) => (await call("POST", `/builder/run/${runnable}`, args ?? {})).id;
const job = (id) => call("GET", `/builder/jobs/${encodeURIComponent(id)}`);

async function ended(id) {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const seen = await job(id);
    if (seen.type === "CompletedJob") return seen;
    await new Promise((go) => setTimeout(go, pause));
  }
}

function resultOf({ success, result }) {
  if (success) return result;
  throw new Error(result?.error?.message ?? "The job failed.");
}

async function call(method, url, body) {
  const sent = body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  let response;
  try {
    response = await signedFetch(url, { method, ...sent });
  } catch {
    throw new Error(DOWN);
  }
  if (response.status === 401) window.location.reload();
  const told = await response.json().catch(() => ({}));
  if (response.ok) return told;
  throw new Error([told.error?.message, told.error?.fix].filter(Boolean).join(" ") || DOWN);
}
