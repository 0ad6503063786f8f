import { Text, UnstyledButton } from "@mantine/core";

import { goTo, place } from "../memory";
import { t } from "../words/words";

/** The way into an entry: each that leads here, outermost first. */
export function Crumbs({ shown }: { shown?: string }) {
  const { from = "", at = "", watch } = place();
  const above = from.split(",").filter(Boolean);
  const ways = at.split("/").filter(Boolean);
  if (above.length === 0 && shown === undefined) return null;
  const back = (index: number) =>
    goTo({ entry: above[index]!, from: above.slice(0, index).join(",") || undefined, at: ways.slice(0, index).join("/") || undefined, watch });
  return (
    <nav className="way" aria-label={t("composed.way")}>
      {above.map((key, index) => (
        <span key={index}>
          <UnstyledButton className="running-name" onClick={() => back(index)}>{key.split("/")[1]}</UnstyledButton>
          <span className="quiet"> › </span>
        </span>
      ))}
      {shown && <><Text c="dimmed" span>{shown.split("/")[0]} / </Text><Text fw={600} component="h1" m={0} span>{shown.split("/")[1]}</Text></>}
    </nav>
  );
}
