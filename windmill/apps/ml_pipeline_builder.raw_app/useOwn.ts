import { useEffect, useState } from "react";

import { loadDrawing, showDeployment } from "./platform";
import type { Catalog, Deployment, Draft, DrawnNode, Values } from "./types";
import type { Deployments } from "./useDeployments";

/** The deployment that a drawing is: of the list, or of Windmill where nobody keeps one. */
export function useOwn(id: string | undefined, { running, trouble }: Deployments, asked: unknown): Deployment | undefined {
  const [told, setTold] = useState<Deployment>();
  const alone = running === undefined && trouble !== "";
  useEffect(() => {
    setTold(undefined);
    if (id && alone) showDeployment(id).then(setTold, () => undefined);
  }, [id, alone, asked]);
  const found = running ? running.find((each) => each.id === id) : told?.id === id ? told : undefined;
  return found?.state === "destroyed" || found?.state === "failed" ? undefined : found;
}

/** The nodes of what is live, by their ids. */
export function useDeployedNodes(own: Deployment | undefined): Record<string, DrawnNode> {
  const [nodes, setNodes] = useState<Record<string, DrawnNode>>({});
  const live = own?.live_revision ?? 0;
  useEffect(() => {
    let left = false;
    setNodes({});
    if (own && live)
      loadDrawing(own.id).then(
        ({ pipeline }) => left || setNodes(Object.fromEntries(pipeline.nodes.map((node) => [node.id, node]))),
        () => undefined,
      );
    return () => {
      left = true;
    };
  }, [own?.id, live]);
  return nodes;
}

/** Whether a node, with the inputs put in and the defaults added, is what runs. */
export function runsAsDrawn(node: DrawnNode, deployed: DrawnNode, draft: Draft, catalog: Catalog): boolean {
  const schema = catalog.components[node.component]?.config ?? {};
  const settled = (each: DrawnNode, inputs: Values) =>
    JSON.stringify(Object.keys(schema).map((name) => given(each.config?.[name], inputs, draft) ?? schema[name]?.default ?? null));
  return node.component === deployed.component && settled(node, draft.inputs) === settled(deployed, {});
}

function given(value: unknown, inputs: Values, { declared }: Draft): unknown {
  const [, name] = /^\$\{inputs\.(\w+)\}$/.exec(String(value)) ?? [];
  return name === undefined ? value : (inputs[name] ?? declared[name]?.default);
}
