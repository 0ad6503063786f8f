import { ActionIcon, Anchor, Button, CopyButton, Group, Loader, SegmentedControl, Stack, Text, Tooltip } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

import { Chat } from "./chat/Chat";
import { spent } from "./Cost";
import { loadKey } from "./platform";
import { stateInWords } from "./states";
import { Predict } from "./try/Predict";
import { loadOffered, type Offered } from "./try/takes";
import { TryIt } from "./TryIt";
import type { Deployment, EndpointKey } from "./types";
import { NoLines, Sparklines } from "./watch/Sparklines";
import { useLines } from "./watch/useLines";
import { t } from "./words/words";

type Props = { deployment: Deployment; ownTargets: string[]; busy: boolean; onDestroy: () => void };

/** The same screen once it runs: where it answers, something to try, and the way to end it. */
export function Live({ deployment, ownTargets, busy, onDestroy }: Props) {
  const lines = useLines();
  const cost = spent(deployment, ownTargets);
  return (
    <div className="live">
      <Stack gap="xs" p="md">
        <Group justify="space-between">
          <Text component="h2" fw={600} size="lg" m={0}>
            {deployment.name}
          </Text>
          <Group gap={6}>
            <span className="state-dot" data-run-state={deployment.state} aria-hidden />
            <Text c="dimmed">
              {stateInWords(deployment)}
              {cost && ` · ${cost}`}
            </Text>
          </Group>
        </Group>
        <Endpoint url={deployment.endpoint_url} />
        {lines?.deployments[deployment.id] && <Sparklines of={lines.deployments[deployment.id]!} />}
        <NoLines lines={lines} />
        <Group gap="md">
          {(["docs", "health", "metrics"] as const).map((name) => deployment.urls[name] && (
            <Anchor key={name} href={deployment.urls[name]} target="_blank" rel="noreferrer">
              {t(`live.${name}`)}
            </Anchor>
          ))}
          <WithKey key={deployment.id} deployment={deployment} />
          <DestroyButton name={deployment.name} busy={busy || deployment.state === "destroying"} onDestroy={onDestroy} />
        </Group>
      </Stack>
      <Offers deployment={deployment} />
    </div>
  );
}

function Endpoint({ url }: { url: string }) {
  return (
    <Group className="endpoint" gap="xs" wrap="nowrap">
      <code>{url}</code>
      <CopyButton value={url}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t("common.copied") : t("common.copy")}>
            <ActionIcon variant="subtle" color="gray" aria-label={t("live.copyEndpoint")} onClick={copy}>
              {copied ? <Check size={14} /> : <Copy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}

/** The key is fetched once somebody wants it, and kept nowhere here. */
function WithKey({ deployment }: { deployment: Deployment }) {
  const [told, setTold] = useState("");
  const [bad, setBad] = useState(false);
  const say = (words: string, failed = false) => (setTold(words), setBad(failed));
  const fetched = (use: (found: EndpointKey) => unknown) => () =>
    loadKey(deployment).then(use).catch((error: Error) => say(error.message, true));
  const open = ({ page }: EndpointKey) => window.open(page, "_blank", "noopener,noreferrer");
  const copy = ({ key }: EndpointKey) => navigator.clipboard.writeText(key).then(() => say(t("common.copied")));
  return (
    <>
      <Button variant="subtle" size="compact-sm" onClick={fetched(open)}>{t("live.openPage")}</Button>
      <Button variant="subtle" size="compact-sm" onClick={fetched(copy)}>{t("live.copyKey")}</Button>
      {told && <Text size="sm" className={bad ? "bad" : undefined} role={bad ? "alert" : "status"}>{told}</Text>}
    </>
  );
}

/** Asks once more on the same spot: what it removes cannot be brought back. */
function DestroyButton({ name, busy, onDestroy }: { name: string; busy: boolean; onDestroy: () => void }) {
  const [sure, setSure] = useState(false);
  const press = () => (sure ? onDestroy() : setSure(true));
  return (
    <Button
      variant={sure ? "filled" : "subtle"}
      color="red"
      c={sure ? undefined : "var(--bad)"}
      size="compact-sm"
      ml="auto"
      loading={busy}
      onClick={press}
      onBlur={() => setSure(false)}
    >
      {sure ? t("live.destroySure", { name }) : t("live.destroy", { name })}
    </Button>
  );
}

/** What it offers, as the endpoint's own documentation tells it. */
function Offers({ deployment }: { deployment: Deployment }) {
  const deploymentId = deployment.id;
  const [offered, setOffered] = useState<Offered>();
  const [trouble, setTrouble] = useState("");
  const [view, setView] = useState("");
  useEffect(() => {
    setOffered(undefined);
    loadOffered(deploymentId).then(setOffered, (error: Error) => setTrouble(error.message));
  }, [deploymentId]);
  if (trouble) return <Text className="bad" role="alert" p="md">{trouble}</Text>;
  if (!offered) return <Loader size="sm" type="dots" m="md" aria-label={t("live.asking")} />;
  const { offers, takes, files = [] } = offered;
  const chats = offers.some(({ path }) => path === "/chat");
  const predicts = takes && takes.kind !== "any" && offers.some(({ path }) => path === "/predict");
  const views = [chats && { value: "chat", label: t("live.chat") }, predicts && { value: "predict", label: t("live.predict") }, { value: "requests", label: t("live.requests") }].filter((each) => !!each);
  const shown = view || views[0]!.value;
  if (offers.length === 0) return <Text c="dimmed" p="md">{t("live.noPost")}</Text>;
  return (
    <>
      {views.length > 1 && (
        <SegmentedControl
          className="views"
          size="xs"
          value={shown}
          onChange={setView}
          data={views}
        />
      )}
      {chats && (
        <div className="pane" hidden={shown !== "chat"}>
          <Chat deployment={deployment} />
        </div>
      )}
      {predicts && (
        <div className="pane" hidden={shown !== "predict"}>
          <Predict {...{ deploymentId, takes }} file={files.includes("/batch/csv") ? "/batch/csv" : undefined} />
        </div>
      )}
      {shown === "requests" && <TryIt deploymentId={deploymentId} offers={offers} />}
    </>
  );
}
