import type { Deployment } from "./types";

/** What the registry says of a deployment, as people say it. */
export function stateInWords({ state, revision, live_revision }: Deployment): string {
  if (state === "live") return `Live · revision ${live_revision}`;
  if (state === "degraded") return `Degraded · revision ${live_revision}`;
  if (state === "deploying") return live_revision ? `Updating to revision ${revision}` : "Being deployed";
  return state.charAt(0).toUpperCase() + state.slice(1);
}
