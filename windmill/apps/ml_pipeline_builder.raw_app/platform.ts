import { backend, backendAsync, getJob } from "./wmill";

import { failure } from "./failure";
import type { Catalog, Deployed, Deployment, Draft, EndpointKey, Entry, Prices, Problem, Reading, Run, Step, StepState, Values } from "./types";
import { t } from "./words/words";

// The page around us answers; when it cannot, silence must become words too.
const PATIENCE_MS = 150_000;

export const loadCatalog = (): Promise<Catalog> => within(backend.catalog({}));

export async function check(draft: Draft): Promise<Problem[]> {
  return (await within(backend.validate(request(draft)))).problems;
}

export const loadPrices = (compute: Values): Promise<Prices> => within(backend.prices({ compute }));

/** `hourlyUsd`: what its machine may cost; without it only what is free or in a budget is taken. */
export const deploy = (draft: Draft, target_settings: Values, hourlyUsd?: number): Promise<string> =>
  within(backendAsync.deploy({ ...request(draft), target_settings, name: null, max_hourly_usd: hourlyUsd ?? null }));

export const destroy = (deployment_id: string): Promise<string> =>
  within(backendAsync.destroy({ deployment_id }));

export const showDeployment = (deployment_id: string): Promise<Deployment> =>
  within(backend.deployment({ deployment_id }));

/** Of the gateway and by no runnable: what a job gives back is kept. A Windmill's own page has no such route. */
export async function loadKey({ id, name }: Deployment): Promise<EndpointKey> {
  return gateway(`keys/${encodeURIComponent(id)}`, t("platform.keyElsewhere", { name }));
}

export async function loadReading(id: string): Promise<Reading[]> {
  return (await gateway(`deployments/${encodeURIComponent(id)}/reading`, t("platform.readingElsewhere", { id }))).sources;
}

export const listDeployments = (): Promise<Deployment[]> => gateway("deployments", t("platform.deploymentsElsewhere"));

export const listEntries = (): Promise<Entry[]> => gateway("catalog", t("platform.catalogElsewhere"));

/** As it was settled when it was deployed. */
export const loadDrawing = (id: string): Promise<{ number: number; pipeline: Deployed }> =>
  gateway(`deployments/${encodeURIComponent(id)}/drawing`, t("platform.drawingElsewhere"));

/** As the page around us does it, which renews a session that has run out. */
export function signedFetch(url: string, options?: RequestInit): Promise<Response> {
  const around = (() => {
    try {
      return (window.parent as any).signedFetch;
    } catch {
      return undefined; // it is of another origin
    }
  })();
  return (around ?? fetch)(url, options);
}

/** `otherwise`: where to ask when the page around us is not the gateway's. */
const gateway = (path: string, otherwise: string): Promise<any> => asked("GET", `/builder/${path}`, otherwise);

/** `otherwise`: what to do when the page around us is not the gateway's. `body`: sent as JSON, or as the bytes it is. */
export async function asked(method: string, url: string, otherwise: string, body?: object): Promise<any> {
  const response = await within(signedFetch(url, { method, ...sentAs(body) })).catch(() => {
    throw new Error(t("platform.down"));
  });
  const told = await response.json().catch(() => undefined);
  if (response.ok && (told || response.status === 204)) return told;
  throw new Error([told?.error?.message, told?.error?.fix].filter(Boolean).join(" ") || otherwise);
}

export const call = (deployment_id: string, path: string, body: object): Promise<any> =>
  within(backend.call({ deployment_id, path, body }));

/** Nobody will ever finish such a run. */
export const isUnknown = (error: Error) => error.message.startsWith("There is no deployment or run");

/** Of the flow that deploys: most runs ask for no approval, and show none. */
const IF_ASKED = "Approval";

/** The run as Windmill tells it: one job for the flow, one for each step that began. */
export async function loadRun(id: string): Promise<Run> {
  const flow = await within(getJob(id));
  const ended = flow.type === "CompletedJob";
  const titles = new Map<string, string>(
    (flow.raw_flow?.modules ?? []).map((module: any) => [module.id, module.summary || module.id]),
  );
  const begun: any[] = flow.flow_status?.modules ?? [];
  const modules = begun.filter(({ id }) => id !== IF_ASKED || flow.args?.approve === true);
  const jobs = await Promise.all(modules.map((module) => stepJob(module)));
  const failed = ended && !flow.success;
  const steps = modules.map((module, index) => step(module, titles, jobs[index], ended));
  return {
    id,
    state: !ended ? "running" : failed ? "failed" : "done",
    destroys: flow.script_path?.endsWith("/destroy_deployment") ?? false,
    name: flow.args?.pipeline?.name ?? "",
    steps,
    deploymentId: flow.args?.deployment_id ?? jobs[0]?.result?.deployment_id,
    drawn: sent(flow.args),
    error: failed ? failure(flow, steps, jobs) : undefined,
  };
}

function sent(args: any): Run["drawn"] {
  if (!Array.isArray(args?.pipeline?.nodes)) return undefined;
  const { inputs, declared_inputs, target } = args;
  return { ...args.pipeline, inputs: inputs ?? {}, declared: declared_inputs ?? {}, target: target ?? undefined };
}

function sentAs(body?: object): RequestInit {
  if (!body) return {};
  if (body instanceof Blob) return { body, headers: { "content-type": "application/octet-stream" } };
  return { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

/** What a step was given and what it gave; a failed one gives its error. */
export async function loadStep(id: string): Promise<{ input: unknown; output: unknown }> {
  const job = finished.get(id) ?? (await within(getJob(id)));
  return { input: job.args, output: job.result };
}

/** Of the gateway, which leaves out what a worker writes around it; a Windmill's own page sends it along. */
export async function loadLog(id: string): Promise<string> {
  const told = await gateway(`jobs/${encodeURIComponent(id)}/log`, "").catch(() => undefined);
  if (told) return told.log;
  const job = await within(getJob(id));
  return job.logs ?? t("platform.logElsewhere");
}

/** What it created is destroyed; what was live before stays. */
export const cancel = (run: string): Promise<unknown> =>
  asked("POST", `/pipelines/${encodeURIComponent(run)}/cancel`, t("platform.cancelElsewhere"));

const finished = new Map<string, any>();

async function stepJob(module: any): Promise<any> {
  if (!module.job) return undefined;
  if (finished.has(module.job)) return finished.get(module.job);
  const job = await within(getJob(module.job));
  if (job.type === "CompletedJob") finished.set(module.job, job);
  return job;
}

function step(module: any, titles: Map<string, string>, job: any, ended: boolean): Step {
  return {
    id: module.id,
    title: titles.get(module.id) ?? module.id,
    state: stepState(module.type, ended),
    seconds: job && seconds(job),
    job: module.job || undefined,
  };
}

function stepState(type: string, ended: boolean): StepState {
  if (type === "Success") return "done";
  if (type === "Failure") return "failed";
  if (ended) return "skipped";
  return type === "InProgress" ? "running" : "waiting";
}

function seconds(job: any): number | undefined {
  if (job.duration_ms !== undefined) return job.duration_ms / 1000;
  return job.started_at && (Date.now() - Date.parse(job.started_at)) / 1000;
}

/** What is checked and deployed; where a node stands on the canvas is no part of it. */
export function request(draft: Draft) {
  return {
    pipeline: {
      name: draft.name,
      nodes: draft.nodes.map(({ id, component, config }) => ({ id, component, config: config ?? {} })),
      edges: draft.edges,
      compute: draft.compute,
    },
    inputs: draft.inputs,
    declared_inputs: draft.declared,
    target: draft.target,
  };
}

export function within(answer: Promise<any>): Promise<any> {
  let timer = 0;
  const silence = new Promise((_, refuse) => {
    timer = window.setTimeout(() => refuse(new Error(t("platform.silent"))), PATIENCE_MS);
  });
  return Promise.race([answer, silence]).finally(() => window.clearTimeout(timer));
}
