import { useCallback, useEffect, useRef, useState } from "react";

import { shownRun, showRun } from "./memory";
import { loadRun, showDeployment } from "./platform";
import type { Deployment, Run } from "./types";

const BETWEEN_LOOKS_MS = 700;
const BETWEEN_TRIES_MS = 2000;

/** Follows the run that the address bar names, across reloads and outages. */
export function useRun(onLive: () => void, onGone: () => void) {
  const [id, setId] = useState(shownRun);
  const [run, setRun] = useState<Run>();
  const [deployment, setDeployment] = useState<Deployment>();
  const [trouble, setTrouble] = useState("");
  const told = useRef({ onLive, onGone });
  told.current = { onLive, onGone };

  const ended = useCallback(async (finished: Run) => {
    if (!finished.deploymentId) return;
    const found = await showDeployment(finished.deploymentId);
    const lives = found.state === "live" || found.state === "degraded";
    setDeployment(lives ? found : undefined);
    if (lives) told.current.onLive();
    else told.current.onGone();
  }, []);

  useEffect(() => {
    if (!id) return;
    let timer = 0;
    let left = false;
    const look = async () => {
      let pause = BETWEEN_LOOKS_MS;
      try {
        const seen = await loadRun(id);
        if (left) return;
        setRun(seen);
        if (seen.state !== "running") await ended(seen);
        setTrouble("");
        if (seen.state !== "running") return;
      } catch (error) {
        setTrouble((error as Error).message);
        pause = BETWEEN_TRIES_MS;
      }
      if (!left) timer = window.setTimeout(look, pause);
    };
    void look();
    return () => {
      left = true;
      window.clearTimeout(timer);
    };
  }, [id, ended]);

  const start = async (begin: () => Promise<string>) => {
    const started = await begin();
    setRun(undefined);
    showRun(started);
    setId(started);
  };

  const forget = () => {
    // A deployment that lives keeps its address, so that a reload finds it again.
    if (!deployment) showRun(undefined);
    setRun(undefined);
  };

  return { run, deployment, trouble, start, forget };
}
