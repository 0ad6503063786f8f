import type { Deployment } from "./types";
import { t } from "./words/words";

/** How far a run of an entry is. */
export const runInWords = (state: string): string => {
  const key = OF_RUNS.find((each) => each === state);
  return key ? t(`runStates.${key}`) : state.replaceAll("_", " ");
};

const OF_RUNS = ["queued", "running", "waiting_for_approval", "waiting_for_target", "deploying", "live", "degraded", "failed", "destroying", "destroyed"] as const;
const OTHERS = ["failed", "destroying", "destroyed", "waiting", "running"] as const;

/** What the registry says of a deployment, as people say it. */
export function stateInWords({ state, revision, live_revision }: Deployment): string {
  if (state === "live") return t("states.live", { revision: live_revision });
  if (state === "degraded") return t("states.degraded", { revision: live_revision });
  if (state === "deploying") return live_revision ? t("states.updating", { revision }) : t("states.deploying");
  const key = OTHERS.find((each) => each === state);
  return key ? t(`states.${key}`) : state;
}
