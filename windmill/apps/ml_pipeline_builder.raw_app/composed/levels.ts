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
  deployments: { id: string; name: string; state: string; step?: string; endpoint_url?: string }[];
  outputs: Values | null;
  cost?: { hourly_usd: number; so_far_usd: number } | null;
  error?: { message: string; fix: string; step: string } | null;
};

const ENDED = new Set(["live", "failed", "degraded", "destroyed"]);

export const goesOn = ({ state }: EntryRun) => !ENDED.has(state);

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
