import { useCallback, useEffect, useState } from "react";

import { listDeployments } from "./platform";
import type { Deployment } from "./types";

const BETWEEN_LOOKS_MS = 3000;

/** What runs, as the registry has it now; undefined while nobody has told. */
export type Deployments = { running?: Deployment[]; trouble: string; look: () => Promise<void> };

export function useDeployments(): Deployments {
  const [running, setRunning] = useState<Deployment[]>();
  const [trouble, setTrouble] = useState("");
  const look = useCallback(
    () =>
      listDeployments().then(
        (found) => (setRunning(found), setTrouble("")),
        (error: Error) => setTrouble(error.message),
      ),
    [],
  );
  useEffect(() => {
    let timer = 0;
    let left = false;
    const again = async () => {
      if (!document.hidden) await look();
      if (!left) timer = window.setTimeout(again, BETWEEN_LOOKS_MS);
    };
    const shown = () => void (document.hidden || look());
    void again();
    document.addEventListener("visibilitychange", shown);
    return () => {
      left = true;
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", shown);
    };
  }, [look]);
  return { running, trouble, look };
}
