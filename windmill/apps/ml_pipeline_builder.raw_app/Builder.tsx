import { SegmentedControl } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useReactFlow } from "@xyflow/react";
import { useEffect, useRef, useState } from "react";

import { Canvas } from "./Canvas";
import { CanvasContext, type NodeState } from "./ComponentNode";
import { machineOf, nodeCosts } from "./cost/nodeCosts";
import { isAsSent, nodeOf } from "./drawing";
import { EntryTools, SAVE } from "./entry/EntryTools";
import { useEntry } from "./entry/useEntry";
import { YamlPanel } from "./entry/YamlPanel";
import { Header } from "./Header";
import { Help } from "./Help";
import { Inspector } from "./Inspector";
import { Commands } from "./keys/Commands";
import { NODE_NAME } from "./keys/NodeName";
import { useCopying } from "./keys/useCopying";
import { useWalking } from "./keys/useWalking";
import { emptyDraft, fromTemplate } from "./layout";
import { Live } from "./Live";
import { goTo, keepWork, workOf } from "./memory";
import { Noted, Trouble, type Note } from "./Notes";
import { CanvasTools } from "./notes/CanvasTools";
import { noteInView, StickyNotes } from "./notes/StickyNotes";
import { Palette, SEARCH } from "./Palette";
import { Outline } from "./outline/Outline";
import * as platform from "./platform";
import { PlanDialog } from "./plan/PlanDialog";
import { RunBar } from "./RunBar";
import { stateInWords } from "./states";
import type { Catalog, Deployment, Draft, DrawnNode, Problem, Run, StickyNote, Template, Values } from "./types";
import { useCost } from "./useCost";
import type { Deployments } from "./useDeployments";
import { useDrawing } from "./useDrawing";
import { useHistory } from "./useHistory";
import { runsAsDrawn, useDeployedNodes, useOwn } from "./useOwn";
import { useReadings } from "./useReadings";
import { useRun } from "./useRun";
import { useTabs } from "./useTabs";
import { keyNames } from "./words/keyNames";
import { t } from "./words/words";

type Props = { catalog: Catalog; deployments: Deployments; id: string; first: Draft; opened: (draft: Draft) => void };

const NONE: Problem[] = [];
const NO_NOTES: StickyNote[] = [];

export function Builder({ catalog, deployments, id, first, opened }: Props) {
  const drawing = useDrawing(first, catalog);
  const { draft } = drawing;
  const history = useHistory(draft, drawing.apply);
  const entry = useEntry(drawing, catalog);
  const flow = useReactFlow();
  const [problems, setProblems] = useState<Problem[]>();
  const [checking, setChecking] = useState(false);
  const [view, setView] = useState<"settings" | "live">("settings");
  const [note, setNote] = useState<Note>();
  const [trouble, setTrouble] = useState("");
  const [help, setHelp] = useState(false);
  const [commanding, setCommanding] = useState(false);
  const [outlined, setOutlined] = useState(false);
  const [asked, setAsked] = useState(false);
  const prices = useCost(draft.compute);
  const tell = (words: string) => setNote({ kind: "told", words });
  const [ownId, setOwnId] = useState(() => workOf(id).deployment);
  const live = useRun(id, { onEnded: (run) => ended(run), tell });
  const own = useOwn(ownId, deployments, live.run?.state);
  const deployed = useDeployedNodes(own);
  const ended = async ({ state, destroys, deploymentId }: Run) => {
    await deployments.look();
    if (destroys || !deploymentId) return;
    const { state: is, live_revision: revision } = await platform.showDeployment(deploymentId);
    if (is !== "live" && is !== "degraded") return;
    keepWork(id, { ...workOf(id), deployment: deploymentId, ...(state === "done" && { revision }) });
    setOwnId(deploymentId);
    setView("live");
  };
  useGone(own, live.run, () => setView("settings"), tell);
  useTabs(id, draft, {
    onDraft: (other) => (history.settle(), drawing.apply(other)),
    onCrossed: history.remember,
    onRun: live.follow,
    tell,
  });
  const drawn = JSON.stringify(platform.request(draft));
  useEffect(() => setProblems(undefined), [drawn]);

  const attempt = <T,>(work: Promise<T>): Promise<T | undefined> =>
    work.then(
      (done) => (setTrouble(""), done),
      (error: Error) => (setTrouble(error.message), undefined),
    );
  const check = async (): Promise<boolean> => {
    setChecking(true);
    const found = await attempt(platform.check(draft));
    setChecking(false);
    if (found) setProblems(found);
    return found?.length === 0;
  };
  const running = live.run?.state === "running";
  const busy = checking || running;
  const deploy = async () => {
    if (busy || drawing.nodes.length === 0 || !(await check())) return;
    setProblems(undefined);
    setAsked(true);
  };
  const start = (settings: Values, hourlyUsd?: number) => {
    setAsked(false);
    return attempt(live.start(() => platform.deploy(draft, settings, hourlyUsd)));
  };
  const cancel = () =>
    attempt(platform.cancel(live.run!.id).then(() => tell(t("builder.canceled"))));
  const destroy = () => attempt(live.start(() => platform.destroy(own!.id)));
  // What is empty is begun with; what is not, is kept.
  const open = (template?: Template) => {
    const next = template ? fromTemplate(template, draft.target) : emptyDraft(draft.target);
    return drawing.nodes.length === 0 ? drawing.replace(next) : opened(next);
  };

  useCopying(drawing, new Set(Object.keys(catalog.components)), tell);
  useWalking(drawing);
  const fit = () => void flow.fitView({ padding: 0.08, maxZoom: 1, duration: 160 });
  const renaming = () => (setView("settings"), window.setTimeout(() => document.getElementById(NODE_NAME)?.focus()));
  const commands = [
    { what: t("help.check"), keys: "C", run: check },
    { what: t("common.deploy"), keys: keyNames("Ctrl Enter"), run: deploy },
    { what: t("common.undo"), keys: keyNames("Ctrl Z"), run: history.undo },
    { what: t("common.redo"), keys: keyNames("Ctrl Shift Z"), run: history.redo },
    { what: t("help.fit"), keys: "F", run: fit },
    { what: t("commands.layout"), keys: "L", run: drawing.arrange },
    { what: t("outline.open"), keys: "O", run: () => setOutlined(true) },
    { what: t("common.addNote"), keys: "N", run: () => addNote() },
    { what: t("help.yaml"), keys: "Y", run: () => entry.show() },
    { what: t("common.keysAndGestures"), keys: "?", run: () => setHelp(true) },
    { what: t("common.home"), run: () => goTo({}) },
    ...(drawing.selected ? [{ what: t("commands.rename"), keys: "F2", run: renaming }, { what: t("commands.duplicate"), keys: keyNames("Ctrl D"), run: drawing.duplicate }] : []),
    ...draft.nodes.map(({ id }) => ({ what: t("commands.goTo", { id }), run: () => drawing.select(id) })),
    ...Object.values(catalog.components).map(({ name, title }) => ({ what: t("commands.add", { title }), run: () => drawing.add(name) })),
    ...Object.values(catalog.pipelines).map((template) => ({ what: t("commands.open", { name: template.name }), run: () => open(template) })),
  ];

  const addNote = () => drawing.change({ notes: [...(draft.notes ?? []), noteInView(flow)] });

  useHotkeys([
    ["L", drawing.arrange],
    ["N", addNote],
    ["O", () => setOutlined((is) => !is)],
    ["mod+K", () => setCommanding(true)],
    ["F2", () => void renaming()],
    ["mod+Z", history.undo],
    ["mod+shift+Z", history.redo],
    ["mod+Y", history.redo],
    ["mod+Enter", () => void deploy()],
    ["mod+D", drawing.duplicate],
    ["C", () => void check()],
    ["Y", () => void entry.show()],
    ["mod+S", (event) => (event.preventDefault(), document.getElementById(SAVE)?.click())],
    ["F", fit],
    ["shift+[plus]", () => void flow.zoomIn({ duration: 120 })],
    ["[plus]", () => void flow.zoomIn({ duration: 120 })],
    ["=", () => void flow.zoomIn({ duration: 120 })],
    ["-", () => void flow.zoomOut({ duration: 120 })],
    ["/", () => document.getElementById(SEARCH)?.focus()],
    ["shift+?", () => setHelp(true)],
  ]);

  const byNode = { ...failedNode(live.run, draft), ...problemsByNode(problems ?? [], draft) };
  const readings = useReadings(own);
  const costs = nodeCosts(draft, catalog, machineOf(draft, prices, own), new Date());
  const states = nodeStates({ draft, catalog, problems, wrong: byNode, run: live.run, own, deployed });
  return (
    <div className="builder">
      <Header
        {...{ catalog, draft, prices, history, checking }}
        running={!running ? "" : live.run?.destroys ? "destroying" : "deploying"}
        onDraft={drawing.change}
        onTemplate={open}
        onCheck={check}
        onDeploy={deploy}
        onHelp={() => setHelp(true)}
        onHome={() => goTo({})}
        state={own ? stateInWords(own) : ""}
        entry={<EntryTools {...{ entry, tell }} onRun={live.follow} />}
      />
      <Palette catalog={catalog} onAdd={drawing.add} />
      <CanvasContext.Provider value={{ catalog, inputs: draft.inputs, problems: byNode, states, readings, costs }}>
        <div className="stage">
          <Canvas
            {...{ drawing, history }}
            catalog={catalog}
            onTemplate={open}
            onRefused={(words) => setNote(words ? { kind: "refused", words } : undefined)}
          >
            <StickyNotes notes={draft.notes ?? NO_NOTES} onChange={(notes) => drawing.change({ notes: notes.length > 0 ? notes : undefined })} />
            {note && <Noted note={note} onClose={() => setNote(undefined)} />}
            {(trouble || live.trouble) && <Trouble words={live.trouble || trouble} onClose={() => setTrouble("")} />}
          </Canvas>
          <CanvasTools outlined={outlined} onOutline={() => setOutlined(!outlined)} onArrange={drawing.arrange} onNote={addNote} />
          {outlined && <Outline {...{ drawing, catalog, states }} problems={byNode} onClose={() => setOutlined(false)} />}
          {entry.shown && <YamlPanel entry={entry} problems={problems ?? NONE} />}
        </div>
      </CanvasContext.Provider>
      <aside className="side">
        {own && (
          <SegmentedControl
            className="views"
            value={view}
            onChange={(chosen) => setView(chosen as typeof view)}
            data={[{ value: "settings", label: t("common.settings") }, { value: "live", label: t("common.live") }]}
          />
        )}
        {own && view === "live" ? (
          <Live
            deployment={own}
            ownTargets={catalog.own_targets}
            busy={running}
            onDestroy={destroy}
          />
        ) : (
          <Inspector
            {...{ catalog, draft }}
            node={drawing.selected}
            problem={byNode[drawing.selected?.id ?? ""]}
            reading={readings[drawing.selected?.id ?? ""]}
            onDraft={drawing.change}
            onConfig={drawing.configure}
            onRename={drawing.rename}
            onRemove={drawing.remove}
          />
        )}
      </aside>
      <RunBar
        {...{ problems, draft, catalog }}
        run={live.run}
        busy={checking}
        onGoTo={(id) => (drawing.select(id), setView("settings"))}
        onCancel={cancel}
        onClose={() => (problems?.length || !live.run ? setProblems(undefined) : live.close())}
      />
      <PlanDialog {...{ draft, catalog }} opened={asked} onDraft={drawing.change} onYes={start} onNo={() => setAsked(false)} />
      <Commands opened={commanding} commands={commands} onClose={() => setCommanding(false)} />
      <Help opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}

/** The node that a run failed for, until something of it is changed. */
function failedNode(run: Run | undefined, draft: Draft): Record<string, Problem> {
  const { node, message = "", fix } = run?.error ?? {};
  if (node === undefined || !isAsSent(node, draft, run?.drawn)) return {};
  return { [node]: { message, fix } };
}

function problemsByNode(problems: Problem[], draft: Draft): Record<string, Problem> {
  const found: Record<string, Problem> = {};
  for (const problem of problems) {
    const id = nodeOf(problem.field, draft);
    if (id) found[id] ??= problem;
  }
  return found;
}

type Known = {
  draft: Draft;
  catalog: Catalog;
  problems: Problem[] | undefined;
  wrong: Record<string, Problem>;
  run: Run | undefined;
  own: Deployment | undefined;
  deployed: Record<string, DrawnNode>;
};

/** Live is what runs as it is drawn here, and nothing else. */
function nodeStates({ draft, catalog, problems, wrong, run, own, deployed }: Known): Record<string, NodeState> {
  const running = run?.state === "running" && !run.destroys;
  const state = (node: DrawnNode): NodeState => {
    if (wrong[node.id]) return "wrong";
    if (running) return "running";
    const live = own && deployed[node.id];
    if (!live) return problems ? "checked" : "idle";
    if (!runsAsDrawn(node, live, draft, catalog)) return "changed";
    return own.state === "degraded" ? "degraded" : "live";
  };
  return Object.fromEntries(draft.nodes.map((node) => [node.id, state(node)]));
}

/** Says so once what ran is there no more. */
function useGone(own: Deployment | undefined, run: Run | undefined, onGone: () => void, tell: (words: string) => void) {
  const before = useRef(own);
  useEffect(() => {
    const gone = before.current;
    before.current = own;
    if (!gone || own) return;
    onGone();
    if (!run?.destroys) tell(t("builder.gone", { name: gone.name }));
  }, [own]);
}
