import { gatewayCall } from "./entries";

export type Revision = { number: number; created_at: string; live: boolean };

export const loadRevisions = (name: string): Promise<Revision[]> => gatewayCall(`runs/${encodeURIComponent(name)}/revisions`);

/** The run that deploys an earlier revision again. */
export const rollBack = (name: string, to: number): Promise<string> =>
  gatewayCall(`runs/${encodeURIComponent(name)}/rollback`, "POST", { to }).then(({ id }) => id);
