import { backend } from "../wmill";

import { request, within } from "../platform";
import type { Draft, Values } from "../types";
import { t } from "../words/words";

export type Offer = {
  target: string;
  name: string;
  hourly_usd: number;
  source: string;
  read_on: string;
  gpu: string;
  gpu_memory_gb: number;
  gpus: number;
  region: string;
  jurisdiction: string;
  spot: boolean;
  reliability: number | null;
};

export type Candidate = { offer: Offer; reason: string };
export type NotTaken = { target: string; name: string; hourly_usd: number | null; reason: string };
export type Change = { change: "added" | "removed" | "changed"; what: string; settings: string[] };

/** As the platform plans it; money in USD. `candidates`: best first, the first is what is taken. */
export type Plan = {
  action: "create" | "update" | "nothing" | "refused";
  name: string;
  target: string | null;
  hourly_usd: number | null;
  max_hourly_usd: number | null;
  creates: string[];
  changes: Change[];
  live: { id: string; state: string; revision: number; target: string | null } | null;
  candidates: Candidate[];
  refused: NotTaken[];
  fix: string;
};

/** What deploying would do. Of a worker, which alone knows what it can provision; nothing is changed. */
export const plan = (draft: Draft, target_settings: Values): Promise<Plan> =>
  within(backend.plan({ request: JSON.stringify({ ...request(draft), target_settings }) }));

const DAY_MS = 86_400_000;

/** How old a price is, in days and in words. `readOn` begins with a date. */
export function age(readOn: string, now = Date.now()): string {
  const days = Math.floor((now - Date.parse(readOn.slice(0, 10))) / DAY_MS);
  if (Number.isNaN(days)) return "";
  return days <= 0 ? t("plan.today") : days === 1 ? t("plan.dayOld") : t("plan.daysOld", { n: days });
}
