import type { Answer } from "../types";
import { eventsOf } from "./events";
import { t } from "../words/words";

/** So much of an answer is there: without `seconds` more is to come. */
export type Said = Partial<Answer> & { answer: string };

/** `streamed` gives nothing where nobody passes answers on as they are made; `whole` always answers. */
export type How = {
  streamed: (question: string, signal: AbortSignal) => Promise<Response | undefined>;
  whole: (question: string) => Promise<Answer>;
};

/** Each step of the answer, the last of them whole. Nothing more comes once `signal` is given. */
export async function* answers(question: string, signal: AbortSignal, { streamed, whole }: How): AsyncGenerator<Said> {
  const response = await streamed(question, signal);
  if (signal.aborted) return;
  if (!response) return yield await whole(question);
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
