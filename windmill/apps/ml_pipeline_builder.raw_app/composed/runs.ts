import { signedFetch } from "../platform";
import type { StepState, Values } from "../types";

export type RunStep = { id: string; title: string; state: StepState; seconds?: number | null; detail: string };
export type Question = { asks: "target" | "approval"; step: string; message: string; plan: string[] };
export type EntryRun = {
  id: string;
  name: string;
  entry: string;
  state: string;
  steps: RunStep[];
  questions: Question[];
  deployments: { id: string; name: string; state: string; endpoint_url?: string }[];
  outputs: Values | null;
  cost?: { hourly_usd: number; so_far_usd: number } | null;
  error?: { message: string; fix: string; step: string } | null;
};

const DOWN = "The gateway does not answer. `mlops up` starts it again; what was started goes on.";
const ENDED = new Set(["live", "failed", "degraded", "destroyed"]);

export const goesOn = ({ state }: EntryRun) => !ENDED.has(state);

export const beginRun = (entry: string, given: { inputs: Values; target: string; max_hourly_usd: number | null }): Promise<{ id: string }> =>
  asked("", "POST", { pipeline: entry, ...given });

export const watchRun = (id: string): Promise<EntryRun> => asked(`/${encodeURIComponent(id)}`);

export const answerRun = (id: string, step: string, approved: boolean): Promise<unknown> =>
  asked(`/${encodeURIComponent(id)}/approval`, "POST", { step, approved });

/** Also all that it deployed. */
export const endRun = (id: string): Promise<unknown> => asked(`/${encodeURIComponent(id)}`, "DELETE");

async function asked(path: string, method = "GET", body?: object): Promise<any> {
  const sent = body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await signedFetch(`/builder/runs${path}`, { method, ...sent }).catch(() => {
    throw new Error(DOWN);
  });
  const told = await response.json().catch(() => undefined);
  if (response.ok && told) return told;
  const problems = (told?.error?.problems ?? []).map(({ message, field }: { message: string; field?: string }) => [field, message].filter(Boolean).join(": "));
  throw new Error([told?.error?.message ?? DOWN, ...problems, told?.error?.fix].filter(Boolean).join(" "));
}

const WORST_FIRST: StepState[] = ["failed", "running", "waiting", "done", "skipped"];

/** How far a step of the composition is, by all that happens below it. `at`: the way to the composition. */
export function stateOf(run: EntryRun | undefined, at: string, step: string): StepState | undefined {
  const below = run?.steps.filter(({ id }) => isBelow(id, at ? `${at}/${step}` : step)) ?? [];
  if (below.length === 0) return undefined;
  const states = new Set(below.map(({ state }) => state));
  if (states.has("done") && states.has("waiting") && !states.has("failed") && goesOn(run!)) return "running";
  return WORST_FIRST.find((state) => states.has(state));
}

export const isBelow = (id: string, way: string) => id === way || id.startsWith(`${way}/`);
