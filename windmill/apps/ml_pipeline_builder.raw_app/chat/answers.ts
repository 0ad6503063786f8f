import type { Answer } from "../types";
import { eventsOf } from "./events";
import { t } from "../words/words";

/** So much of an answer is there: without `seconds` more is to come. */
export type Said = Partial<Answer> & { answer: string };

export type Turn = { role: "user" | "assistant"; content: string };

/** `history`: what was said before, oldest first. */
export type Asked = { question: string; history: Turn[] };

// More is read by no pipeline: the newest six turns, and of those what a small model has room for.
const TURNS = 6;
const LETTERS = 4000;

/** What a question is asked after: whole exchanges only, the newest. One that was not answered is none. */
export const historyOf = (exchanges: { question: string; said?: Said }[]): Turn[] =>
  exchanges
    .flatMap(({ question, said }): Turn[] => (said?.answer ? [{ role: "user", content: question }, { role: "assistant", content: said.answer.slice(0, LETTERS) }] : []))
    .slice(-TURNS);

/** `streamed` gives nothing where nobody passes answers on as they are made; `whole` always answers. */
export type How = {
  streamed: (asked: Asked, signal: AbortSignal) => Promise<Response | undefined>;
  whole: (asked: Asked) => Promise<Answer>;
};

/** Each step of the answer, the last of them whole. Nothing more comes once `signal` is given. */
export async function* answers(asked: Asked, signal: AbortSignal, { streamed, whole }: How): AsyncGenerator<Said> {
  const response = await streamed(asked, signal);
  if (signal.aborted) return;
  if (!response) return yield await whole(asked);
  let said: Said = { answer: "" };
  try {
    for await (const told of eventsOf(response.body!)) {
      if (told.event === "sources") said = { ...said, sources: told.sources };
      if (told.event === "token") said = { ...said, answer: said.answer + told.text };
      if (told.event === "done") said = { ...said, ...told.answer };
      yield said;
    }
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  if (said.seconds === undefined && !signal.aborted) throw new Error(t("chat.brokeOff"));
}
