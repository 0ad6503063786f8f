import { useEffect, useState } from "react";

import { loadPrices } from "./platform";
import type { Prices, Values } from "./types";

/** What a machine for the drawing costs on each target; undefined while nobody has told. */
export function useCost(compute: Values): Prices | undefined {
  const [prices, setPrices] = useState<Prices>();
  const wanted = JSON.stringify(compute);
  useEffect(() => {
    let left = false;
    setPrices(undefined);
    // A price that cannot be had keeps nobody from drawing.
    loadPrices(compute).then((found) => left || setPrices(found), () => undefined);
    return () => {
      left = true;
    };
  }, [wanted]);
  return prices;
}
