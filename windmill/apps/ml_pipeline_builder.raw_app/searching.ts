import type { Component } from "./types";

/** The components that all the words speak of; those whose title does come first. */
export function matching(wanted: string, components: Component[]): Component[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = ({ title, summary, keywords = [] }: Component) => {
    const name = title.toLowerCase();
    const all = `${name} ${keywords.join(" ")} ${summary}`.toLowerCase();
    if (words.some((word) => !all.includes(word))) return undefined;
    return words.every((word) => name.includes(word)) ? 0 : words.every((word) => keywords.join(" ").includes(word)) ? 1 : 2;
  };
  return components
    .flatMap((component) => {
      const found = rank(component);
      return found === undefined ? [] : [{ component, found }];
    })
    .sort((one, other) => one.found - other.found)
    .map(({ component }) => component);
}
