import { Boxes, Cable, FileText, Scissors, Sparkles, type LucideIcon } from "lucide-react";

import type { Family } from "./types";

export const FAMILIES: { family: Family; title: string; icon: LucideIcon }[] = [
  { family: "data_source", title: "Sources", icon: FileText },
  { family: "preprocessing", title: "Prepare", icon: Scissors },
  { family: "model", title: "Models", icon: Sparkles },
  { family: "storage", title: "Store", icon: Boxes },
  { family: "deployment", title: "Serve", icon: Cable },
];

export const iconOf = (family: Family): LucideIcon =>
  FAMILIES.find((known) => known.family === family)?.icon ?? Boxes;
