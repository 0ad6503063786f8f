import { Group, Text, Tooltip } from "@mantine/core";

import { age, amount } from "./cost/nodeCosts";
import type { Deployment, Prices } from "./types";
import { soFar } from "./words/figures";
import { t } from "./words/words";

type Props = { prices?: Prices; target: string };

/** What it costs, and did until now; nothing where that is not known. */
export function spent({ cost, target }: Deployment, ownTargets: string[]): string {
  if (cost) return `${amount(cost.hourly_usd)}, ${soFar(cost.so_far_usd)}`;
  return ownTargets.includes(target ?? "") ? amount(0) : "";
}

function priceOn({ prices, target }: Props): string {
  const offer = prices?.offers[target];
  if (offer) return amount(offer.hourly_usd);
  return prices ? t("cost.unknown") : "…";
}

function reason({ prices, target }: Props): string {
  const offer = prices?.offers[target];
  if (!prices) return t("cost.reading");
  if (!offer) return t("cost.noMachine");
  const read = offer.read_on ? `, ${age(offer.read_on, new Date())} (${offer.read_on})` : "";
  return [`${offer.name}${read}`, offer.reason].filter(Boolean).join("; ");
}

/** Of the chosen target, with the machine it is for. */
export function Cost(props: Props) {
  return (
    <Tooltip label={reason(props)} multiline maw={320}>
      <Text c="dimmed" className="cost">{priceOn(props)}</Text>
    </Tooltip>
  );
}

/** A target in the list of them. */
export function TargetOption(props: Props) {
  const why = props.prices?.unavailable?.[props.target];
  return (
    <div className="target-option">
      <Group justify="space-between" w="100%" wrap="nowrap">
        <span>{props.target}</span>
        <Text c="dimmed" span className="price">{priceOn(props)}</Text>
      </Group>
      {why && <Text size="xs">{why}</Text>}
    </div>
  );
}
