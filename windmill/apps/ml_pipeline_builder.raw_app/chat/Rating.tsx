import { ActionIcon, Group, NativeSelect, Text } from "@mantine/core";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { useState } from "react";

import { asked } from "../platform";
import type { Deployment } from "../types";

const LEAST = 1;
const MOST = 10;
const SCORES = Array.from({ length: MOST }, (_, index) => `${MOST - index}`);

/** What people think of what was deployed: kept as a number, and nobody's name with it. */
export function Rating({ deployment: { id, name } }: { deployment: Deployment }) {
  const [kept, setKept] = useState<number>();
  const [trouble, setTrouble] = useState("");
  const rate = (score: number) =>
    void asked("POST", `/pipelines/${encodeURIComponent(id)}/rating`, `It is rated by: mlops rate ${name} ${score}`, { score }).then(
      () => (setKept(score), setTrouble("")),
      (error: Error) => setTrouble(error.message),
    );
  if (kept !== undefined) return <Text c="dimmed" size="xs" role="status">{`Rated ${kept} of ${MOST}. Thank you.`}</Text>;
  return (
    <Group gap={4} role="group" aria-label="Rate the answer">
      <ActionIcon variant="subtle" color="gray" aria-label={`Of use: ${MOST} of ${MOST}`} onClick={() => rate(MOST)}><ThumbsUp size={14} /></ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label={`Of no use: ${LEAST} of ${MOST}`} onClick={() => rate(LEAST)}><ThumbsDown size={14} /></ActionIcon>
      <NativeSelect
        size="xs"
        aria-label={`A number from ${LEAST} to ${MOST}`}
        data={[{ value: "", label: `of ${MOST}` }, ...SCORES]}
        value=""
        onChange={({ target }) => target.value && rate(Number(target.value))}
      />
      {trouble && <Text className="bad" role="alert" size="xs">{trouble}</Text>}
    </Group>
  );
}
