import { Button, Group, Select, Text, Textarea } from "@mantine/core";
import { useState } from "react";

import { readJson } from "./Form";
import { call } from "./platform";
import type { Offer } from "./types";
import { seconds } from "./words/figures";
import { t } from "./words/words";

type Outcome = { said: string; seconds: number; failed: boolean };

/** A request to one of the routes that the endpoint offers, and its answer as it came. */
export function TryIt({ deploymentId, offers }: { deploymentId: string; offers: Offer[] }) {
  const [chosen, setChosen] = useState(offers[0]!);
  const [typed, setTyped] = useState(shown(chosen.example));
  const [outcome, setOutcome] = useState<Outcome>();
  const [waiting, setWaiting] = useState(false);
  const body = readJson(typed);
  const sendable = typeof body === "object" && body !== null && !Array.isArray(body);

  const choose = (path: string | null) => {
    const offer = offers.find((each) => each.path === path);
    if (!offer) return;
    setChosen(offer);
    setTyped(shown(offer.example));
    setOutcome(undefined);
  };
  const send = async () => {
    setWaiting(true);
    const began = performance.now();
    const told = (said: string, failed: boolean) => ({ said, failed, seconds: (performance.now() - began) / 1000 });
    setOutcome(
      await call(deploymentId, chosen.path, body as object).then(
        (answer) => told(shown(answer), false),
        (error: Error) => told(error.message, true),
      ),
    );
    setWaiting(false);
  };

  return (
    <section className="try-it" aria-label={t("tryIt.title")}>
      <Select
        label={t("tryIt.title")}
        description={chosen.summary}
        data={offers.map(({ path }) => ({ value: path, label: `POST ${path}` }))}
        value={chosen.path}
        onChange={choose}
        allowDeselect={false}
      />
      <Textarea
        aria-label={t("tryIt.body")}
        classNames={{ input: "code" }}
        autosize
        minRows={4}
        maxRows={14}
        error={sendable ? undefined : t("tryIt.notObject")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Group justify="space-between">
        <Text c="dimmed" size="xs">{outcome && t("tryIt.took", { time: seconds(outcome.seconds) })}</Text>
        <Button variant="default" onClick={send} loading={waiting} disabled={!sendable}>
          {t("tryIt.send")}
        </Button>
      </Group>
      {outcome && (
        <pre className="code answer-body" data-failed={outcome.failed} aria-live="polite" aria-label={t("tryIt.response")}>
          {outcome.said}
        </pre>
      )}
    </section>
  );
}

const shown = (value: unknown) => JSON.stringify(value, null, 2);
