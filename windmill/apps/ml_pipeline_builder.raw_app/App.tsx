import { Center, Loader } from "@mantine/core";
import { useCallback, useEffect, useMemo, useState } from "react";

import { Builder } from "./Builder";
import { Home } from "./Home";
import { Composer } from "./composed/Composer";
import { openEntry, type Opened } from "./entry/open";
import { fromDeployed, fromSent } from "./layout";
import { goTo, keepWork, keptDrafts, newDraft, place, stayAt, storedDraft, watchPlace } from "./memory";
import { Trouble } from "./Notes";
import * as platform from "./platform";
import type { Catalog, Deployment, Draft } from "./types";
import { useDeployments } from "./useDeployments";
import { t } from "./words/words";

const BETWEEN_TRIES_MS = 3000;

export default function App() {
  const [catalog, setCatalog] = useState<Catalog>();
  const [trouble, setTrouble] = useState("");
  const [where, setWhere] = useState(place);
  const deployments = useDeployments();
  const load = useCallback(
    () =>
      platform.loadCatalog().then(
        (loaded) => (setCatalog(loaded), setTrouble("")),
        (error: Error) => setTrouble(error.message),
      ),
    [],
  );
  useEffect(() => void load(), [load]);
  useEffect(() => watchPlace(() => setWhere(place())), []);
  useEffect(() => {
    if (!trouble || catalog) return;
    const again = window.setTimeout(load, BETWEEN_TRIES_MS);
    return () => window.clearTimeout(again);
  }, [trouble, catalog, load]);

  // What is open stays open, also when another tab forgets it as untouched.
  const stored = useMemo(() => (where.drawing === undefined ? undefined : storedDraft(where.drawing)), [where]);
  const shared = stored ? undefined : where.run;
  useEffect(() => {
    if (!shared || !catalog) return;
    void drawingOfRun(shared, catalog).then((id) => {
      stayAt(id ? { drawing: id, run: shared } : {});
      setWhere(place());
    });
  }, [shared, catalog]);

  const [refused, setRefused] = useState("");
  const [entry, setEntry] = useState<{ key: string; opened: Opened }>();
  useEffect(() => {
    const { entry: key, from, at, watch } = where;
    if (!key || !catalog) return;
    const failed = (error: Error) => (setRefused(error.message), goTo({}));
    void openEntry(key, catalog).then((opened) => {
      setRefused("");
      if ("composed" in opened) return setEntry({ key, opened });
      stayAt({ drawing: opened.drawing, from, at, watch });
      setWhere(place());
    }, failed);
  }, [where, catalog]);

  if (!catalog) return <Center h="100vh">{trouble ? <Trouble words={trouble} /> : <Loader aria-label={t("common.loading")} />}</Center>;
  if (shared) return <Center h="100vh"><Loader aria-label={t("app.lookingForRun")} /></Center>;
  if (where.entry && entry?.key === where.entry && "composed" in entry.opened)
    return <Composer key={`${where.entry} ${where.at ?? ""}`} opened={where.entry} inGit={entry.opened.composed} {...{ catalog, deployments }} />;
  if (where.entry) return <Center h="100vh"><Loader aria-label={t("app.openingEntry")} /></Center>;
  const target = catalog.targets[0]!;
  const opened = (draft: Draft) => goTo({ drawing: newDraft(draft) });
  if (stored && where.drawing)
    return <Builder key={where.drawing} {...{ catalog, deployments, opened }} id={where.drawing} first={stored.draft} />;
  return <Home {...{ catalog, deployments, target, opened, refused }} onDeployment={(each) => openDeployment(each, catalog)} />;
}

/** The drawing that somebody else's link is about: kept here from now on. */
async function drawingOfRun(run: string, catalog: Catalog): Promise<string | undefined> {
  const seen = await platform.loadRun(run).catch(() => undefined);
  if (!seen?.drawn) return undefined;
  const id = newDraft(fromSent(seen.drawn, catalog.targets[0]!));
  keepWork(id, { run });
  return id;
}

/** The drawing that was deployed from here, where there is one; else what runs, drawn again. */
async function openDeployment({ id, live_revision, target }: Deployment, catalog: Catalog) {
  const is = ({ work }: { work: { deployment?: string; revision?: number } }) =>
    work.deployment === id && work.revision === live_revision;
  const own = keptDrafts().find(is);
  if (own) return goTo({ drawing: own.id });
  const { pipeline, number } = await platform.loadDrawing(id);
  const draft = fromDeployed(pipeline, target ?? catalog.targets[0]!);
  goTo({ drawing: newDraft(draft, { deployment: id, revision: number }) });
}
