import type { Catalog, Deployment, Draft, Prices } from "../types";
import { perHour } from "../words/figures";
import { t } from "../words/words";

/** `hourlyUsd` of the whole of it; nothing is rented where that is nought. */
export type Machine = { name: string; hourlyUsd: number; readOn: string };

/** What a node costs: `short` where there is a price to be seen without asking. */
export type NodeCost = { short?: string; words: string; rented: boolean };

/** What a drawing is on, where it runs; else what it would be put on. Undefined while nobody knows. */
export function machineOf({ target }: Pick<Draft, "target">, prices: Prices | undefined, live: Deployment | undefined): Machine | undefined {
  const charge = live?.cost?.charges?.at(-1);
  if (charge) return { name: charge.machine || charge.offer, hourlyUsd: charge.hourly_usd, readOn: charge.read_on };
  const offer = prices?.offers[live?.target ?? target];
  return offer ? { name: offer.name, hourlyUsd: offer.hourly_usd, readOn: offer.read_on } : undefined;
}

/**
 * By node. One machine is paid for and all nodes are on it: its price stands at the node that it is rented for, the
 * first model, and nowhere again, so that what is seen adds up.
 */
export function nodeCosts(draft: Pick<Draft, "nodes">, catalog: Catalog, machine: Machine | undefined, now: Date): Record<string, NodeCost> {
  if (!machine) return {};
  const rented = machine.hourlyUsd > 0;
  const payer = draft.nodes.find(({ component }) => catalog.components[component]?.type === "model") ?? draft.nodes[0];
  const of = (id: string): NodeCost => {
    if (!rented) return { words: t("cost.free", { machine: machine.name }), rented };
    if (id !== payer?.id) return { words: t("cost.same", { machine: machine.name }), rented };
    const words = [t("cost.whole", { machine: machine.name, price: amount(machine.hourlyUsd) }), age(machine.readOn, now)];
    return { short: amount(machine.hourlyUsd), words: words.filter(Boolean).join(", "), rented };
  };
  return Object.fromEntries(draft.nodes.map(({ id }) => [id, of(id)]));
}

/** An hour's price; less than a cent is shown as what it is. */
export const amount = (usd: number): string => perHour(usd);

const DAY_MS = 86_400_000;

/** How old a price is; "" where nobody says. */
export function age(readOn: string, now: Date): string {
  const days = Math.floor((now.getTime() - Date.parse(readOn)) / DAY_MS);
  if (!Number.isFinite(days)) return "";
  if (days <= 0) return t("cost.today");
  return days === 1 ? t("cost.yesterday") : t("cost.daysOld", { n: days });
}
