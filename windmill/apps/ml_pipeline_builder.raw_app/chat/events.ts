import type { Answer, Source } from "../types";

/** What an answer tells while it is made; `done` is the last of them. */
export type Told =
  | { event: "sources"; sources: Source[] }
  | { event: "token"; text: string }
  | { event: "done"; answer: Omit<Answer, "sources"> };

/** Server-sent events, as serving writes them: one `event` and one `data` line each. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Told> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let unread = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      unread += decoder.decode(value, { stream: !done });
      const parts = unread.split("\n\n");
      unread = parts.pop()!;
      for (const part of parts) if (part.trim()) yield told(part);
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** An error that was told is thrown, in its own words. */
function told(part: string): Told {
  const field = (name: string) => part.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const event = field("event");
  const data = JSON.parse(field("data") ?? "{}");
  if (event === "error") throw new Error([data.error?.message, data.error?.fix].filter(Boolean).join(" "));
  if (event === "sources") return { event, sources: data.sources };
  return event === "token" ? { event, text: data.text } : { event: "done", answer: data };
}
