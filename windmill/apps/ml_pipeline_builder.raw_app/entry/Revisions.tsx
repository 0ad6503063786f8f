import { Button, Text } from "@mantine/core";
import { useEffect, useState } from "react";

import { loadRevisions, rollBack, type Revision } from "./rollback";
import { moment } from "../words/figures";
import { t } from "../words/words";

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
    <section aria-label={t("entry.whatRan")} className="revisions">
      <Text className="quiet-heading">{t("entry.whatRanAs", { name })}</Text>
      <ul className="version-list">
        {revisions.map(({ number, created_at, live }) => (
          <li key={number} className="revision">
            <Text>{t("entry.revision", { n: number })} <span className="quiet">{live ? t("entry.live") : moment(created_at)}</span></Text>
            {!live && (
              <Button size="compact-xs" variant={asked === number ? "filled" : "default"} onClick={() => back(number)} onBlur={() => setAsked(undefined)}>
                {asked === number ? t("entry.deployAgain", { n: number }) : t("entry.rollBack")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {trouble && <Text role="alert" className="bad">{trouble}</Text>}
    </section>
  );
}
