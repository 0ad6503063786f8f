import { ActionIcon, Anchor, Button, CopyButton, Group, Loader, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { Check, Copy, FileText, SendHorizontal } from "lucide-react";
import { useState, type FormEvent } from "react";

import { ask } from "./platform";
import type { Answer, Deployment, Source } from "./types";

type Props = { deployment: Deployment; busy: boolean; onDestroy: () => void };

/** The same screen once it runs: where it answers, a question to try, and the way to end it. */
export function Live({ deployment, busy, onDestroy }: Props) {
  return (
    <div className="live">
      <Stack gap="xs" p="md">
        <Group justify="space-between">
          <Text component="h2" fw={600} size="lg" m={0}>
            {deployment.name}
          </Text>
          <Group gap={6}>
            <span className="node-dot" data-live />
            <Text c="dimmed">
              {deployment.state} · revision {deployment.revision}
            </Text>
          </Group>
        </Group>
        <Endpoint url={deployment.endpoint_url} />
        <Group gap="md">
          {["docs", "health", "metrics"].map((name) => deployment.urls[name] && (
            <Anchor key={name} href={deployment.urls[name]} target="_blank" rel="noreferrer">
              {name}
            </Anchor>
          ))}
          <DestroyButton busy={busy} onDestroy={onDestroy} />
        </Group>
      </Stack>
      <Chat deploymentId={deployment.id} />
    </div>
  );
}

function Endpoint({ url }: { url: string }) {
  return (
    <Group className="endpoint" gap="xs" wrap="nowrap">
      <code>{url}</code>
      <CopyButton value={url}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Copied" : "Copy"}>
            <ActionIcon variant="subtle" color="gray" aria-label="Copy the endpoint" onClick={copy}>
              {copied ? <Check size={14} /> : <Copy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}

/** Asks once more on the same spot: what it removes cannot be brought back. */
function DestroyButton({ busy, onDestroy }: { busy: boolean; onDestroy: () => void }) {
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
      {sure ? "Destroy for good" : "Destroy"}
    </Button>
  );
}

type Exchange = { question: string; answer?: Answer; error?: string };

function Chat({ deploymentId }: { deploymentId: string }) {
  const [exchanges, setExchanges] = useState<Exchange[]>([]);
  const [question, setQuestion] = useState("");
  const waiting = exchanges.some((each) => !each.answer && !each.error);

  const send = async (event: FormEvent) => {
    event.preventDefault();
    const asked = question.trim();
    if (!asked || waiting) return;
    setQuestion("");
    setExchanges((before) => [...before, { question: asked }]);
    const outcome = await ask(deploymentId, asked).then(
      (answer) => ({ question: asked, answer }),
      (error: Error) => ({ question: asked, error: error.message }),
    );
    setExchanges((before) => [...before.slice(0, -1), outcome]);
  };

  return (
    <section className="chat" aria-label="Try it">
      <div className="exchanges" aria-live="polite">
        {exchanges.length === 0 && (
          <Text c="dimmed">Ask your documents something. The passages it found are shown below each answer.</Text>
        )}
        {exchanges.map((exchange, index) => <ExchangeView key={index} {...exchange} />)}
      </div>
      <form onSubmit={send}>
        <TextInput
          aria-label="Question"
          placeholder="Ask a question"
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
          rightSection={
            <ActionIcon type="submit" variant="subtle" aria-label="Ask" disabled={waiting}>
              <SendHorizontal size={16} />
            </ActionIcon>
          }
        />
      </form>
    </section>
  );
}

function ExchangeView({ question, answer, error }: Exchange) {
  return (
    <article className="exchange">
      <Text className="question">{question}</Text>
      {!answer && !error && <Loader size="sm" type="dots" aria-label="Answering" />}
      {error && <Text className="bad" role="alert">{error}</Text>}
      {answer && (
        <>
          <Text className="answer">{answer.answer}</Text>
          <Text c="dimmed">
            {answer.model} · {answer.seconds.toFixed(1)} s
          </Text>
          {answer.sources.map((source, index) => <SourceView key={index} {...source} />)}
        </>
      )}
    </article>
  );
}

function SourceView({ document, page, highlight, passage }: Source) {
  return (
    <details className="passage">
      <summary>
        <FileText size={14} aria-hidden /> {document}
        {page !== null && <span className="quiet">page {page}</span>}
        <span className="passage-highlight">{highlight}</span>
      </summary>
      <p>{passage}</p>
    </details>
  );
}
