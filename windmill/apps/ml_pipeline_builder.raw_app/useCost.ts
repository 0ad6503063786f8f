import { useEffect, useState } from "react";

import { loadPrices } from "./platform";
import type { Prices, Values } from "./types";

const BETWEEN_TRIES_MS = 3000;

/** What a machine for the drawing costs on each target; undefined while nobody has told. */
export function useCost(compute: Values): Prices | undefined {
  const [prices, setPrices] = useState<Prices>();
  const wanted = JSON.stringify(compute);
  useEffect(() => {
    let left = false;
    let timer = 0;
    const look = () =>
      loadPrices(compute).then(
        (found) => left || setPrices(found),
        // A price that cannot be had keeps nobody from drawing.
        () => left || (timer = window.setTimeout(look, BETWEEN_TRIES_MS)),
      );
    setPrices(undefined);
    void look();
    return () => {
      left = true;
      window.clearTimeout(timer);
    };
  }, [wanted]);
  return prices;
}
