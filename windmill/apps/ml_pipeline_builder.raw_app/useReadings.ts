import { useEffect, useState } from "react";

import { loadReading } from "./platform";
import type { Deployment, Reading } from "./types";
import { figure } from "./words/figures";
import { language, t } from "./words/words";

/** What a live deployment read of its data, by node; empty while nobody has told. */
export function useReadings(deployment: Deployment | undefined): Record<string, Reading> {
  const [readings, setReadings] = useState<Record<string, Reading>>({});
  useEffect(() => {
    let left = false;
    setReadings({});
    if (deployment)
      loadReading(deployment.id).then(
        (found) => left || setReadings(Object.fromEntries(found.map((each) => [each.node, each]))),
        () => undefined, // a pipeline that reads nothing has no report
      );
    return () => {
      left = true;
    };
  }, [deployment?.id, deployment?.revision]);
  return readings;
}

/** In a few words: `3 files, 2 skipped: scan.pdf: has no text`. */
export function readInWords({ kind, read, left_out, listed }: Reading): string {
  const skipped = Object.entries(left_out).map(([what, count]) => (what === kind ? `${count}` : counted(count, what)));
  const [first] = listed;
  const why = first ? `: ${inWords(first)}` : "";
  const told = { read: counted(read, kind), skipped: joined(skipped), why };
  return skipped.length ? t("data.skipped", told) : t("data.read", told);
}

export const inWords = ({ where, reason }: { where: string; reason: string }) => (where ? `${where}: ${reason}` : reason);

const joined = (words: string[]) => new Intl.ListFormat(language(), { type: "conjunction" }).format(words);
/** `kind`: as the platform names it, in English. */
const counted = (count: number, kind: string) => `${figure(count)} ${count === 1 ? kind : plural(kind)}`;
const plural = (kind: string) => (kind === "address" ? "addresses" : `${kind}s`);
