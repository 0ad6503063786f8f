import { signedFetch } from "../platform";
import type { Values } from "../types";
import type { EntryRun } from "./levels";
import { t } from "../words/words";

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
    throw new Error(t("platform.down"));
  });
  const told = await response.json().catch(() => undefined);
  if (response.ok && told) return told;
  const problems = (told?.error?.problems ?? []).map(({ message, field }: { message: string; field?: string }) => [field, message].filter(Boolean).join(": "));
  throw new Error([told?.error?.message ?? t("platform.down"), ...problems, told?.error?.fix].filter(Boolean).join(" "));
}
