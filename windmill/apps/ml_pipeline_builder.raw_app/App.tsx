import { Alert, Center, Loader, SegmentedControl, Stack } from "@mantine/core";
import { PlugZap } from "lucide-react";
import { useCallback, useEffect, useState } from "react";

import { Canvas } from "./Canvas";
import { CanvasContext, type NodeState } from "./ComponentNode";
import { fromTemplate, nodeOf } from "./drawing";
import { Header } from "./Header";
import { Inspector } from "./Inspector";
import { Live } from "./Live";
import { storedDraft, storeDraft } from "./memory";
import { Palette } from "./Palette";
import * as platform from "./platform";
import { RunBar } from "./RunBar";
import type { Catalog, Draft, Problem } from "./types";
import { useDrawing } from "./useDrawing";
import { useRun } from "./useRun";

export default function App() {
  const [catalog, setCatalog] = useState<Catalog>();
  const [trouble, setTrouble] = useState("");
  const load = useCallback(
    () =>
      platform.loadCatalog().then(
        (loaded) => (setCatalog(loaded), setTrouble("")),
        (error: Error) => setTrouble(error.message),
      ),
    [],
  );
  useEffect(() => void load(), [load]);
  useEffect(() => {
    if (!trouble || catalog) return;
    const again = window.setTimeout(load, 3000);
    return () => window.clearTimeout(again);
  }, [trouble, catalog, load]);
  if (catalog) return <Builder catalog={catalog} first={startingDraft(catalog)} />;
  return <Center h="100vh">{trouble ? <Trouble words={trouble} /> : <Loader aria-label="Loading" />}</Center>;
}

function startingDraft(catalog: Catalog): Draft {
  const template = catalog.pipelines["rag-chatbot"] ?? Object.values(catalog.pipelines)[0];
  const target = catalog.targets[0] ?? "local";
  return storedDraft() ?? fromTemplate(template!, target);
}

function Builder({ catalog, first }: { catalog: Catalog; first: Draft }) {
  const drawing = useDrawing(first, catalog);
  const { draft } = drawing;
  const [problems, setProblems] = useState<Problem[]>();
  const [checking, setChecking] = useState(false);
  const [view, setView] = useState<"settings" | "live">("settings");
  const live = useRun(() => setView("live"), () => setView("settings"));
  const [trouble, setTrouble] = useState("");

  useEffect(() => storeDraft(draft), [draft]);
  const drawn = JSON.stringify(platform.request(draft));
  useEffect(() => setProblems(undefined), [drawn]);

  const check = async (): Promise<boolean> => {
    setChecking(true);
    try {
      const found = await platform.check(draft);
      setProblems(found);
      setTrouble("");
      return found.length === 0;
    } catch (error) {
      setTrouble((error as Error).message);
      return false;
    } finally {
      setChecking(false);
    }
  };

  const deploy = async () => {
    if (!(await check())) return;
    await live.start(() => platform.deploy(draft)).catch((error: Error) => setTrouble(error.message));
  };

  const destroy = () =>
    live
      .start(() => platform.destroy(live.deployment!.id))
      .catch((error: Error) => setTrouble(error.message));

  const goTo = (id: string) => (drawing.select(id), setView("settings"));
  const byNode = problemsByNode(problems ?? [], draft);
  const surroundings = {
    catalog,
    inputs: draft.inputs,
    problems: byNode,
    states: nodeStates(draft, problems, byNode, live),
  };
  const running = live.run?.state === "running";

  return (
    <div className="builder">
      <Header
        catalog={catalog}
        draft={draft}
        busy={checking || running}
        onDraft={drawing.change}
        onTemplate={(template) => drawing.replace(fromTemplate(template, draft.target))}
        onCheck={check}
        onDeploy={deploy}
      />
      <Palette catalog={catalog} onAdd={drawing.add} />
      <CanvasContext.Provider value={surroundings}>
        <Canvas drawing={drawing} catalog={catalog}>
          {(trouble || live.trouble) && <Trouble words={live.trouble || trouble} onClose={() => setTrouble("")} />}
        </Canvas>
      </CanvasContext.Provider>
      <aside className="side">
        {live.deployment && (
          <SegmentedControl
            m="md"
            mb={0}
            value={view}
            onChange={(chosen) => setView(chosen as typeof view)}
            data={[{ value: "settings", label: "Settings" }, { value: "live", label: "Live" }]}
          />
        )}
        {live.deployment && view === "live" ? (
          <Live deployment={live.deployment} busy={running} onDestroy={destroy} />
        ) : (
          <Inspector
            catalog={catalog}
            draft={draft}
            node={drawing.selected}
            problem={byNode[drawing.selected?.id ?? ""]}
            onDraft={drawing.change}
            onConfig={drawing.configure}
            onRemove={drawing.remove}
          />
        )}
      </aside>
      <RunBar
        run={live.run}
        problems={problems}
        draft={draft}
        busy={checking}
        onGoTo={goTo}
        onClose={() => (problems ? setProblems(undefined) : live.forget())}
      />
    </div>
  );
}

function Trouble({ words, onClose }: { words: string; onClose?: () => void }) {
  return (
    <Stack className="trouble">
      <Alert
        color="red"
        variant="light"
        icon={<PlugZap size={16} />}
        title="The platform does not answer as it should"
        withCloseButton={onClose !== undefined}
        onClose={onClose}
      >
        {words}
      </Alert>
    </Stack>
  );
}

function problemsByNode(problems: Problem[], draft: Draft): Record<string, Problem> {
  const found: Record<string, Problem> = {};
  for (const problem of problems) {
    const id = nodeOf(problem.field, draft);
    if (id) found[id] ??= problem;
  }
  return found;
}

function nodeStates(
  draft: Draft,
  problems: Problem[] | undefined,
  wrong: Record<string, Problem>,
  live: ReturnType<typeof useRun>,
): Record<string, NodeState> {
  const running = live.run?.state === "running" && !live.run.destroys;
  const rest: NodeState = running ? "running" : live.deployment?.state === "live" ? "live" : problems ? "checked" : "idle";
  return Object.fromEntries(draft.nodes.map(({ id }) => [id, wrong[id] ? "wrong" : rest]));
}
