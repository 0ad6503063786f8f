import { useEffect, useRef, useState } from "react";

import { answers, historyOf, type Said } from "./answers";
import { asking as asker } from "./asking";

export type Exchange = { question: string; said?: Said; error?: string; stopped?: boolean };

/** One question at a time; what is being answered ends when its page is left. */
export function useChat(deploymentId: string) {
  const [exchanges, setExchanges] = useState<Exchange[]>([]);
  const asking = useRef<AbortController>(undefined);
  const [waiting, setWaiting] = useState(false);
  useEffect(() => () => asking.current?.abort(), []);

  const change = (how: (last: Exchange) => Exchange) =>
    setExchanges((all) => [...all.slice(0, -1), how(all.at(-1)!)]);
  const send = async (question: string) => {
    const control = (asking.current = new AbortController());
    const asked = { question, history: historyOf(exchanges) };
    setWaiting(true);
    setExchanges((before) => [...before, { question }]);
    try {
      for await (const said of answers(asked, control.signal, asker(deploymentId))) {
        if (control.signal.aborted) break;
        change((last) => ({ ...last, said }));
      }
    } catch (error) {
      change((last) => ({ ...last, error: (error as Error).message }));
    }
    if (control.signal.aborted) change((last) => ({ ...last, stopped: true }));
    setWaiting(false);
  };
  const stop = () => asking.current?.abort();
  return { exchanges, waiting, send, stop };
}
