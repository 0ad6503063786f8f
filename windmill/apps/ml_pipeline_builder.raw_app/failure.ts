import type { Failure, Step, Values } from "./types";
import { t } from "./words/words";

const NODE = /^node (\S+)$/;
const FIELD = /\bnodes\[(\d+)\]/;

/** Why a run failed, of the step that failed: Windmill keeps an exception's attributes in `extra`. */
export function failure(flow: any, steps: Step[], jobs: any[]): Failure {
  const index = steps.findIndex(({ state }) => state === "failed");
  const error = jobs[index]?.result?.error ?? flow.result?.error ?? flow.result;
  const { message, fix = "", where = "" } = typeof error?.extra?.message === "string" ? error.extra : inWords(error);
  const node = nodeIn(where, message, flow.args?.pipeline?.nodes ?? []);
  return { title: steps[index]?.title ?? "", message, fix, where: NODE.test(where) ? "" : where, node };
}

function inWords(error: any): Values & { message: string } {
  const told = typeof error === "string" ? error : error?.message;
  return { message: typeof told === "string" ? told : t("platform.noReason") };
}

function nodeIn(where: string, message: string, nodes: { id: string }[]): string | undefined {
  const [, index] = FIELD.exec(`${where} ${message}`) ?? [];
  return NODE.exec(where)?.[1] ?? nodes[Number(index)]?.id;
}
