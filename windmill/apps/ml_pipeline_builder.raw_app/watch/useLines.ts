import { useEffect, useState } from "react";

import { asked } from "../platform";
import type { Kind, Line } from "./shape";
import { t } from "../words/words";

export type OfOne = Record<Kind, Line>;
export type Lines = { deployments: Record<string, OfOne>; unknown_because: string; fix: string };

const BETWEEN_LOOKS_MS = 15_000;

/** How each deployment did over the last hour; undefined while nobody has told. */
export function useLines(): Lines | undefined {
  const [lines, setLines] = useState<Lines>();
  useEffect(() => {
    let left = false;
    let timer = 0;
    const look = async () => {
      const found = document.hidden ? undefined : await asked("GET", "/builder/lines", t("platform.linesElsewhere")).catch(unknown);
      if (left) return;
      if (found) setLines(found);
      timer = window.setTimeout(look, BETWEEN_LOOKS_MS);
    };
    void look();
    return () => {
      left = true;
      window.clearTimeout(timer);
    };
  }, []);
  return lines;
}

const unknown = (error: Error): Lines => ({ deployments: {}, unknown_because: error.message, fix: "" });
