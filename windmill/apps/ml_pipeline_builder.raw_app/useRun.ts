import { useCallback, useEffect, useRef, useState } from "react";

import { keepWork, place, stayAt, workOf } from "./memory";
import { isUnknown, loadRun } from "./platform";
import type { Run } from "./types";
import { t } from "./words/words";

const BETWEEN_LOOKS_MS = 700;
const BETWEEN_TRIES_MS = 2000;

type Told = { onEnded: (run: Run) => Promise<void>; tell: (words: string) => void };

/** Follows the run that the address bar names, else the drawing's last, across reloads and outages. */
export function useRun(drawing: string, listeners: Told) {
  const [id, setId] = useState(() => place().run ?? workOf(drawing).run);
  const [run, setRun] = useState<Run>();
  const [trouble, setTrouble] = useState("");
  const told = useRef(listeners);
  told.current = listeners;
  const followed = useRef(id);
  followed.current = id;

  const follow = useCallback(
    (started: string): boolean => {
      // A tab that keeps what the same run made tells of it, too; once ended it would never be looked at again.
      if (followed.current === started) return false;
      setRun(undefined);
      if (workOf(drawing).run !== started) keepWork(drawing, { ...workOf(drawing), run: started });
      stayAt({ drawing, run: started });
      setId(started);
      return true;
    },
    [drawing],
  );

  const drop = () => {
    keepWork(drawing, { ...workOf(drawing), run: undefined });
    stayAt({ drawing });
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
        if (seen.state !== "running") await told.current.onEnded(seen);
        setTrouble("");
        if (failed) told.current.tell(t("builder.back"));
        failed = false;
        if (seen.state !== "running") return;
      } catch (error) {
        if (left) return;
        if (isUnknown(error as Error)) return drop(), told.current.tell(t("builder.runGone"));
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
  }, [id]);

  const start = async (begin: () => Promise<string>) => void follow(await begin());

  return { run, trouble, start, follow, close: drop };
}
