import { figure } from "../words/figures";

/** A figure as people read it; anything else as it is. */
export const shownValue = (value: unknown): string =>
  typeof value === "number" ? figure(value, { maximumSignificantDigits: 6 }) : String(value);
