import { Button, Text } from "@mantine/core";
import { useEffect, useState } from "react";

import { loadRevisions, rollBack, type Revision } from "./rollback";

/** What was deployed under this name, and the way back to it; nothing where nothing runs. */
export function Revisions({ name, onRun }: { name: string; onRun: (run: string) => void }) {
  const [revisions, setRevisions] = useState<Revision[]>([]);
  const [asked, setAsked] = useState<number>();
  const [trouble, setTrouble] = useState("");
  useEffect(() => void loadRevisions(name).then(setRevisions, () => setRevisions([])), [name]);
  const back = (to: number) => {
    if (asked !== to) return setAsked(to);
    void rollBack(name, to).then(onRun, (error: Error) => setTrouble(error.message));
  };
  if (revisions.length === 0) return null;
  return (
    <section aria-label="What ran" className="revisions">
      <Text className="quiet-heading">What ran as {name}</Text>
      <ul className="version-list">
        {revisions.map(({ number, created_at, live }) => (
          <li key={number} className="revision">
            <Text>revision {number} <span className="quiet">{live ? "live" : new Date(created_at).toLocaleString()}</span></Text>
            {!live && (
              <Button size="compact-xs" variant={asked === number ? "filled" : "default"} onClick={() => back(number)} onBlur={() => setAsked(undefined)}>
                {asked === number ? `Deploy revision ${number} again` : "Roll back"}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {trouble && <Text role="alert" className="bad">{trouble}</Text>}
    </section>
  );
}
