import { ask, signedFetch } from "../platform";
import type { How } from "./answers";

/** Where no gateway is around this page, or it cannot get to the pipeline, a job of Windmill's asks. */
export const asking = (deploymentId: string): How => ({
  streamed: async (question, signal) => {
    const sent = { method: "POST", body: JSON.stringify({ question }), headers: { "content-type": "application/json" }, signal };
    const url = `/builder/deployments/${encodeURIComponent(deploymentId)}/chat`;
    const response = await signedFetch(url, sent).catch(() => undefined);
    const streams = response?.ok && response.headers.get("content-type")?.startsWith("text/event-stream");
    return streams ? response : undefined;
  },
  whole: (question) => ask(deploymentId, question),
});
