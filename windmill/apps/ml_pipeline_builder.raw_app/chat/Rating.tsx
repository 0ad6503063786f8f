import { ActionIcon, Group, NativeSelect, Text } from "@mantine/core";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { useState } from "react";

import { asked } from "../platform";
import type { Deployment } from "../types";
import { t } from "../words/words";

const LEAST = 1;
const MOST = 10;
const SCORES = Array.from({ length: MOST }, (_, index) => `${MOST - index}`);

/** What people think of what was deployed: kept as a number, and nobody's name with it. */
export function Rating({ deployment: { id, name } }: { deployment: Deployment }) {
  const [kept, setKept] = useState<number>();
  const [trouble, setTrouble] = useState("");
  const rate = (score: number) =>
    void asked("POST", `/pipelines/${encodeURIComponent(id)}/rating`, t("platform.ratingElsewhere", { name, score }), { score }).then(
      () => (setKept(score), setTrouble("")),
      (error: Error) => setTrouble(error.message),
    );
  if (kept !== undefined) return <Text c="dimmed" size="xs" role="status">{t("chat.rated", { score: kept, most: MOST })}</Text>;
  return (
    <Group gap={4} role="group" aria-label={t("chat.rate")}>
      <ActionIcon variant="subtle" color="gray" aria-label={t("chat.ofUse", { most: MOST })} onClick={() => rate(MOST)}><ThumbsUp size={14} /></ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label={t("chat.ofNoUse", { least: LEAST, most: MOST })} onClick={() => rate(LEAST)}><ThumbsDown size={14} /></ActionIcon>
      <NativeSelect
        size="xs"
        aria-label={t("chat.number", { least: LEAST, most: MOST })}
        data={[{ value: "", label: t("chat.of", { most: MOST }) }, ...SCORES]}
        value=""
        onChange={({ target }) => target.value && rate(Number(target.value))}
      />
      {trouble && <Text className="bad" role="alert" size="xs">{trouble}</Text>}
    </Group>
  );
}
