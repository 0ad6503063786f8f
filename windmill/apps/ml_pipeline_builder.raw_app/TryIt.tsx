import { Button, Group, Select, Text, Textarea } from "@mantine/core";
import { useState } from "react";

import { readJson } from "./Form";
import { call } from "./platform";
import type { Offer } from "./types";

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
    <section className="try-it" aria-label="Try it">
      <Select
        label="Try it"
        description={chosen.summary}
        data={offers.map(({ path }) => ({ value: path, label: `POST ${path}` }))}
        value={chosen.path}
        onChange={choose}
        allowDeselect={false}
      />
      <Textarea
        aria-label="Request body"
        classNames={{ input: "code" }}
        autosize
        minRows={4}
        maxRows={14}
        error={sendable ? undefined : "The body must be a JSON object."}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Group justify="space-between">
        <Text c="dimmed" size="xs">{outcome && `${outcome.seconds.toFixed(1)} s, by way of Windmill`}</Text>
        <Button variant="default" onClick={send} loading={waiting} disabled={!sendable}>
          Send
        </Button>
      </Group>
      {outcome && (
        <pre className="code answer-body" data-failed={outcome.failed} aria-live="polite" aria-label="Response">
          {outcome.said}
        </pre>
      )}
    </section>
  );
}

const shown = (value: unknown) => JSON.stringify(value, null, 2);
