import "./chat.css";

import { ActionIcon, Loader, Text, TextInput } from "@mantine/core";
import { SendHorizontal, Square } from "lucide-react";
import { useEffect, useRef, useState, type FormEvent } from "react";

import type { Deployment } from "../types";
import { Rating } from "./Rating";
import { Passage } from "./Passage";
import { useChat, type Exchange } from "./useChat";
import { seconds } from "../words/figures";
import { t } from "../words/words";

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
    <section className="chat" aria-label={t("live.chat")}>
      <div className="exchanges" aria-live="polite" aria-busy={waiting}>
        {exchanges.length === 0 && (
          <Text c="dimmed">{t("chat.begin")}</Text>
        )}
        {exchanges.map((exchange, index) => (
          <ExchangeView key={index} {...{ exchange, deployment }} busy={waiting && index === exchanges.length - 1} />
        ))}
      </div>
      <form onSubmit={ask}>
        <TextInput
          aria-label={t("chat.question")}
          placeholder={t("chat.placeholder")}
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
          rightSection={waiting ? <Stop onClick={stop} /> : <Send disabled={!question.trim()} />}
        />
      </form>
    </section>
  );
}

const Stop = ({ onClick }: { onClick: () => void }) => (
  <ActionIcon type="button" variant="subtle" aria-label={t("chat.stop")} onClick={onClick}>
    <Square size={14} />
  </ActionIcon>
);

const Send = ({ disabled }: { disabled: boolean }) => (
  <ActionIcon type="submit" variant="subtle" aria-label={t("chat.ask")} disabled={disabled}>
    <SendHorizontal size={16} />
  </ActionIcon>
);

type Props = { exchange: Exchange; deployment: Deployment; busy: boolean };

function ExchangeView({ exchange: { question, said, error, stopped }, deployment, busy }: Props) {
  const shown = useInView(said?.answer);
  return (
    <article className="exchange" ref={shown}>
      <Text className="question">{question}</Text>
      {busy && !said?.answer && <Loader size="sm" type="dots" aria-label={t("chat.answering")} />}
      {said?.answer && <Text className="answer">{said.answer}</Text>}
      {error && <Text className="bad" role="alert">{error}</Text>}
      {stopped && <Text c="dimmed" size="xs">{t("chat.stopped")}</Text>}
      {said?.seconds !== undefined && (
        <Text c="dimmed" size="xs">{`${said.model} · ${seconds(said.seconds)}`}</Text>
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
