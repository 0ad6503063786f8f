import { amount, type NodeCost } from "../cost/nodeCosts";
import type { Deployment } from "../types";
import { isBelow, type EntryRun } from "./levels";
import { soFar } from "../words/figures";
import { t } from "../words/words";

/** What the deployments that a step made cost now, as far as they still run. `at`: the way to the composition. */
export function stepCost(run: EntryRun | undefined, at: string, step: string, running: Deployment[]): NodeCost | undefined {
  const made = run?.deployments.filter(({ step: made = "" }) => isBelow(made, at ? `${at}/${step}` : step)) ?? [];
  const found = running.filter(({ id }) => made.some((each) => each.id === id));
  if (found.length === 0) return undefined;
  const hourly = found.reduce((sum, { cost }) => sum + (cost?.hourly_usd ?? 0), 0);
  const spent = found.reduce((sum, { cost }) => sum + (cost?.so_far_usd ?? 0), 0);
  const names = found.map(({ name, target }) => t("cost.namedOn", { name, target })).join(", ");
  if (hourly === 0) return { words: t("cost.nothingRented", { names }), rented: false };
  return { short: amount(hourly), words: t("cost.ofStep", { names, price: amount(hourly), soFar: soFar(spent) }), rented: true };
}
