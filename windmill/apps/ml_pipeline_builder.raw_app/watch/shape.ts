import { figure } from "../words/figures";
import { t } from "../words/words";

/** Null where nothing is known. */
export type Line = (number | null)[];

export const WIDTH = 96;
export const HEIGHT = 20;

// So that a line of its own height is not cut in half at the edge.
const EDGE = 1;

/** An SVG path from nought to the most, with a gap where nothing is known; a value alone is a dot. */
export function path(line: Line): string {
  const most = Math.max(...line.map((value) => value ?? 0)) || 1;
  const x = (index: number) => round((index * WIDTH) / Math.max(1, line.length - 1));
  const y = (value: number) => round(HEIGHT - EDGE - (value / most) * (HEIGHT - 2 * EDGE));
  const known = (index: number) => line[index] !== null && line[index] !== undefined;
  return line
    .flatMap((value, index) => {
      if (value === null) return [];
      const alone = !known(index - 1) && !known(index + 1);
      return [`${known(index - 1) ? "L" : "M"}${x(index)} ${y(value)}${alone ? "h0.01" : ""}`];
    })
    .join("");
}

const round = (number: number) => Math.round(number * 100) / 100;

/** The last that is known. */
export const latest = (line: Line): number | undefined => line.filter((value) => value !== null).at(-1);

const FIGURES = { maximumSignificantDigits: 2 };

export const KINDS = {
  requests: (value: number): string => t("watch.perSecond", { n: figure(value, FIGURES) }),
  seconds: (value: number): string => t("common.seconds", { n: figure(value, FIGURES) }),
  errors: (value: number): string => figure(value, { ...FIGURES, style: "percent" }),
};

export type Kind = keyof typeof KINDS;

/** What somebody who does not see the line is told. */
export function inWords(kind: Kind, line: Line): string {
  const told = KINDS[kind];
  const title = t(`watch.${kind}`);
  const last = latest(line);
  if (last === undefined) return t("watch.nothing", { title });
  return t("watch.now", { title, now: told(last), most: told(Math.max(...line.map((value) => value ?? 0))) });
}
