import { useCallback, useEffect, useRef, useState } from "react";

import { forgetRun, shownRun, showRun } from "./memory";
import { isUnknown, loadRun, showDeployment } from "./platform";
import type { Deployment, Run } from "./types";

const BETWEEN_LOOKS_MS = 700;
const BETWEEN_TRIES_MS = 2000;
const BACK = "The platform answers again; what was started went on meanwhile.";
const GONE = "The platform does not know that run any more.";

type Told = { onLive: () => void; onGone: () => void; tell: (words: string) => void };

/** Follows the run that the address bar names, across reloads and outages. */
export function useRun(listeners: Told) {
  const [id, setId] = useState(shownRun);
  const [run, setRun] = useState<Run>();
  const [deployment, setDeployment] = useState<Deployment>();
  const [trouble, setTrouble] = useState("");
  const told = useRef(listeners);
  told.current = listeners;

  const ended = useCallback(async (finished: Run) => {
    if (!finished.deploymentId) return;
    const found = await showDeployment(finished.deploymentId);
    const lives = found.state === "live" || found.state === "degraded";
    setDeployment(lives ? found : undefined);
    if (lives) told.current.onLive();
    else told.current.onGone();
  }, []);

  const follow = useCallback((started: string) => {
    setRun(undefined);
    showRun(started);
    setId(started);
  }, []);

  const drop = () => {
    forgetRun();
    setId(undefined);
    setRun(undefined);
  };

  useEffect(() => {
    if (!id) return;
    let timer = 0;
    let left = false;
    let failed = false;
    const look = async () => {
      let pause = BETWEEN_LOOKS_MS;
      try {
        const seen = await loadRun(id);
        if (left) return;
        setRun(seen);
        if (seen.state !== "running") await ended(seen);
        setTrouble("");
        if (failed) told.current.tell(BACK);
        failed = false;
        if (seen.state !== "running") return;
      } catch (error) {
        if (left) return;
        if (isUnknown(error as Error)) return drop(), told.current.tell(GONE);
        failed = true;
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

  const start = async (begin: () => Promise<string>) => follow(await begin());

  // A deployment that lives keeps its address, so that a reload finds it again.
  const close = () => (deployment ? setRun(undefined) : drop());

  return { run, deployment, trouble, start, follow, close };
}
