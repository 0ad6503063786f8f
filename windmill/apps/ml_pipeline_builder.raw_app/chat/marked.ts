type Part = { text: string; is: boolean };

/** A passage in parts, of which one is what is to be seen first; its lines may be broken otherwise. */
export function marked(passage: string, highlight: string): Part[] {
  const words = highlight.trim().split(/\s+/).map(escaped);
  const found = highlight.trim() ? new RegExp(words.join("\\s+")).exec(passage) : null;
  if (!found) return [{ text: passage, is: false }];
  const end = found.index + found[0].length;
  return [
    { text: passage.slice(0, found.index), is: false },
    { text: found[0], is: true },
    { text: passage.slice(end), is: false },
  ].filter(({ text }) => text !== "");
}

const escaped = (word: string) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
