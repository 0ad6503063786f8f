import "./watch.css";

import { Text } from "@mantine/core";

import { HEIGHT, inWords, KINDS, latest, path, WIDTH, type Kind, type Line } from "./shape";
import type { Lines, OfOne } from "./useLines";
import { t } from "../words/words";

/** The last hour of a deployment, at a glance. */
export const Sparklines = ({ of }: { of: OfOne }) => (
  <ul className="sparklines" aria-label={t("watch.lastHour")}>
    {(Object.keys(KINDS) as Kind[]).map((kind) => <Sparkline key={kind} kind={kind} line={of[kind]} />)}
  </ul>
);

function Sparkline({ kind, line }: { kind: Kind; line: Line }) {
  const last = latest(line);
  return (
    <li className="sparkline" data-kind={kind} title={inWords(kind, line)}>
      <span className="quiet">{t(`watch.${kind}`)}</span>
      <svg role="img" aria-label={inWords(kind, line)} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT}>
        <path d={path(line)} />
      </svg>
      <span>{last === undefined ? "–" : KINDS[kind](last)}</span>
    </li>
  );
}

/** Why there are none: once, and what to do. */
export function NoLines({ lines }: { lines: Lines | undefined }) {
  if (!lines?.unknown_because) return null;
  return <Text c="dimmed" size="xs" className="no-lines">{`${t("watch.unknown")} ${lines.unknown_because} ${lines.fix}`.trim()}</Text>;
}
