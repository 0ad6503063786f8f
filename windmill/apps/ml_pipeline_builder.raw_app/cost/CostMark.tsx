import "./cost.css";

import { Tooltip } from "@mantine/core";
import { Monitor, Server } from "lucide-react";

import type { NodeCost } from "./nodeCosts";

/** What a node costs, as small as it can be said; the rest is told to who asks. */
export function CostMark({ cost: { short, words, rented } }: { cost: NodeCost }) {
  const Icon = rented ? Server : Monitor;
  return (
    <Tooltip label={words} openDelay={300} multiline maw={280}>
      <span className="node-cost" role="img" aria-label={words}>{short ?? <Icon size={12} aria-hidden />}</span>
    </Tooltip>
  );
}
