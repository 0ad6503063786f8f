import { useEffect, useState } from "react";

import { keepRun, keptRun } from "./kept";
import { goesOn, type EntryRun } from "./levels";
import { watchRun } from "./runs";

const BETWEEN_LOOKS_MS = 1000;
const WHEN_ENDED_MS = 5000;

/** The last run of an entry, or the one that was asked for, looked at again and again. */
export function useEntryRun(key: string, asked: string | undefined) {
  const [id, setId] = useState(() => asked ?? keptRun(key));
  const [run, setRun] = useState<EntryRun>();
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    if (!id) return;
    let left = false;
    let timer = 0;
    const look = async () => {
      const seen = await watchRun(id).catch((error: Error) => void (left || setTrouble(error.message)));
      if (left) return;
      if (seen) (setRun(seen), setTrouble(""));
      timer = window.setTimeout(look, seen && goesOn(seen) ? BETWEEN_LOOKS_MS : WHEN_ENDED_MS);
    };
    void look();
    return () => ((left = true), window.clearTimeout(timer));
  }, [id]);
  const follow = (begun: string) => (keepRun(key, begun), setRun(undefined), setId(begun));
  return { run, trouble, follow, close: () => (setRun(undefined), setId(undefined)) };
}
