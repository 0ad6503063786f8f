import { call, signedFetch } from "../platform";
import type { How } from "./answers";

/** Where no gateway is around this page, or it cannot get to the pipeline, a job of Windmill's asks. */
export const asking = (deploymentId: string): How => ({
  streamed: async (asked, signal) => {
    const sent = { method: "POST", body: JSON.stringify(asked), headers: { "content-type": "application/json" }, signal };
    const url = `/builder/deployments/${encodeURIComponent(deploymentId)}/chat`;
    const response = await signedFetch(url, sent).catch(() => undefined);
    const streams = response?.ok && response.headers.get("content-type")?.startsWith("text/event-stream");
    return streams ? response : undefined;
  },
  whole: (asked) => call(deploymentId, "/chat", asked),
});
