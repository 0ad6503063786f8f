import { ActionIcon, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { FilePlus2, LayoutTemplate, PencilRuler, Trash2, Workflow } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";

import { spent } from "./Cost";
import { Looks } from "./Header";
import { emptyDraft, fromTemplate } from "./layout";
import { forgetUntouched, goTo, keptDrafts, removeDraft, type Kept } from "./memory";
import { Trouble } from "./Notes";
import { listEntries } from "./platform";
import { stateInWords } from "./states";
import type { Catalog, Deployment, Draft, Entry } from "./types";
import type { Deployments } from "./useDeployments";
import { NoLines, Sparklines } from "./watch/Sparklines";
import { useLines } from "./watch/useLines";
import { moment } from "./words/figures";
import { t } from "./words/words";

type Props = {
  catalog: Catalog;
  deployments: Deployments;
  target: string;
  opened: (draft: Draft) => void;
  /** Why what was asked for is not shown. */
  refused: string;
  onDeployment: (deployment: Deployment) => Promise<void>;
};

/** All that there is: what runs, what was drawn, and what can be begun with. */
export function Home({ catalog, deployments: { running, trouble }, target, opened, refused: before, onDeployment }: Props) {
  const [refused, setRefused] = useState(before);
  const open = (each: Deployment) =>
    void onDeployment(each).then(() => setRefused(""), (error: Error) => setRefused(error.message));
  return (
    <div className="home">
      <header className="header">
        <Workflow size={20} strokeWidth={1.75} className="accent" aria-hidden />
        <Text component="h1" fw={600} m={0}>{t("home.title")}</Text>
        <span className="grow" />
        <Looks />
      </header>
      <main className="home-page">
        {(trouble || refused) && <Trouble words={refused || trouble} />}
        <Section title={t("home.whatRuns")}>
          {running && <Running {...{ running }} ownTargets={catalog.own_targets} onOpen={open} />}
        </Section>
        <Drawings running={running ?? []} />
        <Section title={t("home.beginWith")}>
          <div className="cards">
            <Card icon={<FilePlus2 size={16} />} title={t("header.emptyCanvas")} words={t("home.drawIt")} onClick={() => opened(emptyDraft(target))} />
            {Object.values(catalog.pipelines).map((each) => (
              <Card
                key={each.name}
                icon={<LayoutTemplate size={16} />}
                title={each.name}
                words={each.summary}
                onClick={() => opened(fromTemplate(each, target))}
              />
            ))}
          </div>
        </Section>
        <CatalogEntries />
      </main>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Text component="h2" fw={600} size="lg" m={0}>{title}</Text>
      {children}
    </section>
  );
}

function Running({ running, ownTargets, onOpen }: { running: Deployment[]; ownTargets: string[]; onOpen: (each: Deployment) => void }) {
  const lines = useLines();
  if (running.length === 0) return <Text c="dimmed">{t("home.nothingRuns")}</Text>;
  const known = running.some(({ id }) => lines?.deployments[id]);
  const columns = [t("common.name"), t("home.state"), t("home.onTarget"), t("home.cost"), ...(known ? [t("home.lastHour")] : []), t("home.endpoint")];
  return (
    <>
      <table className="running">
        <thead>
          <tr>{columns.map((each) => <th key={each} scope="col">{each}</th>)}</tr>
        </thead>
        <tbody>
          {running.map((each) => (
            <tr key={each.id}>
              <td>
                <UnstyledButton className="running-name" onClick={() => onOpen(each)}>{each.name}</UnstyledButton>
                {each.part_of && <span className="quiet"> {t("home.partOf", { name: each.part_of })}</span>}
              </td>
              <td data-run-state={each.state}>
                <span className="state-dot" aria-hidden /> {stateInWords(each)}
                {each.error && <div className="quiet">{each.error}</div>}
              </td>
              <td>{each.target ?? t("home.notChosen")}</td>
              <td className="cost">{spent(each, ownTargets)}</td>
              {known && <td>{lines?.deployments[each.id] && <Sparklines of={lines.deployments[each.id]!} />}</td>}
              <td><code>{each.endpoint_url}</code></td>
            </tr>
          ))}
        </tbody>
      </table>
      <NoLines lines={lines} />
    </>
  );
}

/** Of this browser; only here can they be taken away. */
function Drawings({ running }: { running: Deployment[] }) {
  const [kept, setKept] = useState<Kept[]>([]);
  useEffect(() => (forgetUntouched(), setKept(keptDrafts())), []);
  if (kept.length === 0) return null;
  const remove = (id: string) => (removeDraft(id), setKept(keptDrafts()));
  return (
    <Section title={t("home.drawings")}>
      <div className="cards">
        {kept.map(({ id, stored, work }) => (
          <div key={id} className="card-with-tool">
            <Card
              icon={<PencilRuler size={16} />}
              title={stored.draft.name || t("common.unnamed")}
              words={about(stored.draft, stored.saved, running.find((each) => each.id === work.deployment))}
              onClick={() => goTo({ drawing: id })}
            />
            <Tooltip label={t("home.removeHint")}>
              <ActionIcon variant="subtle" color="gray" aria-label={t("home.removeDrawing", { name: stored.draft.name })} onClick={() => remove(id)}>
                <Trash2 size={14} />
              </ActionIcon>
            </Tooltip>
          </div>
        ))}
      </div>
    </Section>
  );
}

function about(draft: Draft, saved: number, deployment: Deployment | undefined): string {
  const nodes = t("home.nodes", { count: draft.nodes.length });
  return [nodes, deployment && stateInWords(deployment), t("home.changed", { when: moment(saved) })].filter(Boolean).join(" · ");
}

/** The catalog as it is in Git: what is opened there is saved there. */
function CatalogEntries() {
  const [entries, setEntries] = useState<Entry[]>([]);
  useEffect(() => void listEntries().then(setEntries, () => undefined), []);
  if (entries.length === 0) return null;
  return (
    <Section title={t("home.catalog")}>
      <Text c="dimmed">
        {t("home.savedToGit")} <UnstyledButton className="running-name" onClick={() => goTo({ entry: "meta-pipelines/my-platform" })}>{t("home.compose")}</UnstyledButton>
      </Text>
      <ul className="entries">
        {entries.map(({ key, summary }) => (
          <li key={key}>
            <UnstyledButton className="running-name" onClick={() => goTo({ entry: key })}>{key}</UnstyledButton>
            <Text c="dimmed">{summary}</Text>
          </li>
        ))}
      </ul>
    </Section>
  );
}

type CardProps = { icon: ReactNode; title: string; words: string; onClick: () => void };

function Card({ icon, title, words, onClick }: CardProps) {
  return (
    <UnstyledButton className="card" onClick={onClick}>
      <span className="accent" aria-hidden>{icon}</span>
      <Text fw={600} truncate>{title}</Text>
      <Text c="dimmed">{words}</Text>
    </UnstyledButton>
  );
}
