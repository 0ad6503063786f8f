import "./chat.css";

import { ActionIcon, Loader, Text, TextInput } from "@mantine/core";
import { SendHorizontal, Square } from "lucide-react";
import { useEffect, useRef, useState, type FormEvent } from "react";

import type { Deployment } from "../types";
import { Rating } from "./Rating";
import { Passage } from "./Passage";
import { useChat, type Exchange } from "./useChat";

export function Chat({ deployment }: { deployment: Deployment }) {
  const { exchanges, waiting, send, stop } = useChat(deployment.id);
  const [question, setQuestion] = useState("");
  const ask = (event: FormEvent) => {
    event.preventDefault();
    if (waiting || !question.trim()) return;
    setQuestion("");
    void send(question.trim());
  };
  return (
    <section className="chat" aria-label="Chat">
      <div className="exchanges" aria-live="polite" aria-busy={waiting}>
        {exchanges.length === 0 && (
          <Text c="dimmed">Ask it something. The passages it found are shown below each answer.</Text>
        )}
        {exchanges.map((exchange, index) => (
          <ExchangeView key={index} {...{ exchange, deployment }} busy={waiting && index === exchanges.length - 1} />
        ))}
      </div>
      <form onSubmit={ask}>
        <TextInput
          aria-label="Question"
          placeholder="Ask a question"
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
          rightSection={waiting ? <Stop onClick={stop} /> : <Send disabled={!question.trim()} />}
        />
      </form>
    </section>
  );
}

const Stop = ({ onClick }: { onClick: () => void }) => (
  <ActionIcon type="button" variant="subtle" aria-label="Stop answering" onClick={onClick}>
    <Square size={14} />
  </ActionIcon>
);

const Send = ({ disabled }: { disabled: boolean }) => (
  <ActionIcon type="submit" variant="subtle" aria-label="Ask" disabled={disabled}>
    <SendHorizontal size={16} />
  </ActionIcon>
);

type Props = { exchange: Exchange; deployment: Deployment; busy: boolean };

function ExchangeView({ exchange: { question, said, error, stopped }, deployment, busy }: Props) {
  const shown = useInView(said?.answer);
  return (
    <article className="exchange" ref={shown}>
      <Text className="question">{question}</Text>
      {busy && !said?.answer && <Loader size="sm" type="dots" aria-label="Answering" />}
      {said?.answer && <Text className="answer">{said.answer}</Text>}
      {error && <Text className="bad" role="alert">{error}</Text>}
      {stopped && <Text c="dimmed" size="xs">Stopped. What was said until then stands here.</Text>}
      {said?.seconds !== undefined && (
        <Text c="dimmed" size="xs">{`${said.model} · ${said.seconds.toFixed(1)} s`}</Text>
      )}
      {said?.sources?.map((source, index) => <Passage key={index} {...source} />)}
      {said?.seconds !== undefined && <Rating deployment={deployment} />}
    </article>
  );
}

/** What is said last stays in view while it grows. */
function useInView(grows: unknown) {
  const shown = useRef<HTMLElement>(null);
  useEffect(() => void shown.current?.scrollIntoView({ block: "nearest" }), [grows]); // newer browsers return a promise
  return shown;
}
