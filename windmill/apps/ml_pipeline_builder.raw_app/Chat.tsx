import { ActionIcon, Loader, Text, TextInput } from "@mantine/core";
import { FileText, SendHorizontal } from "lucide-react";
import { useState, type FormEvent } from "react";

import { ask } from "./platform";
import type { Answer, Source } from "./types";

type Exchange = { question: string; answer?: Answer; error?: string };

export function Chat({ deploymentId }: { deploymentId: string }) {
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
    <section className="chat" aria-label="Chat">
      <div className="exchanges" aria-live="polite">
        {exchanges.length === 0 && (
          <Text c="dimmed">Ask it something. The passages it found are shown below each answer.</Text>
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
            <ActionIcon type="submit" variant="subtle" aria-label="Ask" disabled={waiting || question.trim() === ""}>
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
          <Text c="dimmed" size="xs">
            {answer.model} · {answer.seconds.toFixed(1)} s
          </Text>
          {answer.sources.map((source, index) => <SourceView key={index} {...source} />)}
        </>
      )}
    </article>
  );
}

function SourceView({ document, page, section, highlight, passage }: Source) {
  return (
    <details className="passage">
      <summary>
        <FileText size={14} aria-hidden /> {document}
        {page !== null && <span className="quiet">page {page}</span>}
        {section && <span className="passage-section">{section}</span>}
        <span className="passage-highlight">{highlight}</span>
      </summary>
      <p>{passage}</p>
    </details>
  );
}
