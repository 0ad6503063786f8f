import { backend } from "../wmill";

import { call, within } from "../platform";
import type { Offer, Values } from "../types";
import { t } from "../words/words";

/** A column that a model was trained with, and what was seen of it there. */
export type Column = {
  name: string;
  kind: "number" | "category" | "text";
  categories?: unknown[];
  range?: [number, number];
  missing?: number | boolean;
};

export type Takes = { kind: "any" | "row" | "text" | "image" | "audio" | "horizon"; columns: Column[]; example: any };

/** `files`: routes that take a whole CSV file. `takes`: what an input of a prediction is. */
export type Offered = { offers: Offer[]; files?: string[]; takes?: Takes | null };

export const loadOffered = (deployment_id: string): Promise<Offered> => within(backend.offers({ deployment_id }));

export async function predict(deployment_id: string, input: unknown): Promise<unknown> {
  return (await call(deployment_id, "/predict", { input })).output;
}

/** The same file with what is predicted beside its columns. */
export const scoreFile = (deployment_id: string, path: string, csv: string): Promise<string> =>
  within(backend.call({ deployment_id, path, body: {}, csv }));

/** What the form begins with: a row that was seen. */
export const firstValues = ({ columns, example }: Takes): Values =>
  Object.fromEntries(columns.map(({ name }) => [name, example?.[name] ?? null]));

export function readFile(file: File, as: "text" | "data"): Promise<string> {
  return new Promise((done, refuse) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => refuse(new Error(t("predict.unreadable", { name: file.name })));
    if (as === "text") reader.readAsText(file);
    else reader.readAsDataURL(file);
  });
}

/** Kept by the person, not here. */
export function download(name: string, text: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
