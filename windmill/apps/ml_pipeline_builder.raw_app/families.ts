import { Boxes, Cable, FileText, Scissors, Sparkles, type LucideIcon } from "lucide-react";

import type { Family } from "./types";

export const FAMILIES: { family: Family; icon: LucideIcon }[] = [
  { family: "data_source", icon: FileText },
  { family: "preprocessing", icon: Scissors },
  { family: "model", icon: Sparkles },
  { family: "storage", icon: Boxes },
  { family: "deployment", icon: Cable },
];

export const iconOf = (family: Family): LucideIcon =>
  FAMILIES.find((known) => known.family === family)?.icon ?? Boxes;
