import type { Component, FieldSchema } from "./types";

/** The components that all the words speak of: those whose title does come first, those whose settings do last. */
export function matching(wanted: string, components: Component[]): Component[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const told = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const rank = ({ title, summary, config }: Component) =>
    [title, `${title} ${summary}`, `${title} ${summary} ${settings(config)}`].findIndex(told);
  return components
    .map((component) => ({ component, found: rank(component) }))
    .filter(({ found }) => found >= 0)
    .sort((one, other) => one.found - other.found)
    .map(({ component }) => component);
}

const settings = (config: Record<string, FieldSchema>) =>
  Object.entries(config)
    .map(([name, { enum: choices = [], description = "" }]) => `${name} ${choices.join(" ")} ${description}`)
    .join(" ");
