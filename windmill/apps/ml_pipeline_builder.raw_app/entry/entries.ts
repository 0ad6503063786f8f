import { signedFetch } from "../platform";
import type { Problem } from "../types";
import { t } from "../words/words";

/** An entry as Git has it: its text, and the commit that it is to be saved over. */
export type InGit = { key: string; text: string; version: string; commit: string };
export type Version = { version: string; commit: string; date: string; author: string; subject: string };
export type Saved = { key: string; commit: string; branch: string; changed: boolean };
export type Sides = { base: string; theirs: string; yours: string };

const NOT_FOUND = 404;
const REFUSED = 422;

/** Somebody else saved the entry since it was opened. */
export class Crossed extends Error {
  constructor(message: string, readonly sides: Sides, readonly theirCommit: string) {
    super(message);
  }
}

export class Refused extends Error {
  constructor(message: string, readonly problems: Problem[]) {
    super(message);
  }
}

/** undefined where Git has no such entry. */
export async function loadEntry(key: string, ref?: string): Promise<InGit | undefined> {
  const query = ref ? `?ref=${encodeURIComponent(ref)}` : "";
  const { response, told } = await asked(`${key}/source${query}`);
  if (response.status === NOT_FOUND && told?.error?.code === "not_in_history") return undefined;
  return answered(response, told);
}

export async function loadVersions(key: string): Promise<Version[]> {
  const { response, told } = await asked(`${key}/versions`);
  return answered(response, told);
}

/** What saving it would refuse; nothing is saved. */
export async function checkEntry(text: string): Promise<Problem[]> {
  const { response, told } = await asked("check", "POST", { text });
  return answered(response, told);
}

/** Raises Crossed and Refused. */
export async function saveEntry(key: string, body: { text: string; base: string | null; message: string }): Promise<Saved> {
  const { response, told } = await asked(key, "PUT", body);
  const error = told?.error;
  if (error?.code === "entry_conflict") throw new Crossed(error.message, error, (await loadEntry(key))?.commit ?? "");
  if (response.status === REFUSED && Array.isArray(error?.problems)) throw new Refused(error.message, error.problems);
  return answered(response, told);
}

/** Of the gateway's page, below `/builder/`. */
export async function gatewayCall(path: string, method?: string, body?: object): Promise<any> {
  const { response, told } = await askedOf(path, method, body);
  return answered(response, told);
}

type Asked = { response: Response; told: any };

const asked = (path: string, method?: string, body?: object) => askedOf(`catalog/${path}`, method, body);

async function askedOf(path: string, method = "GET", body?: object): Promise<Asked> {
  const sent = body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await signedFetch(`/builder/${path}`, { method, ...sent }).catch(() => {
    throw new Error(t("platform.downUnsaved"));
  });
  return { response, told: await response.json().catch(() => undefined) };
}

function answered(response: Response, told: any): any {
  if (response.ok && told) return told;
  throw new Error([told?.error?.message ?? t("platform.noCatalog"), told?.error?.fix].filter(Boolean).join(" "));
}
