/** A figure as people read it; anything else as it is. */
export const shownValue = (value: unknown): string =>
  typeof value === "number" ? value.toLocaleString(document.documentElement.lang || "en", { maximumSignificantDigits: 6 }) : String(value);
