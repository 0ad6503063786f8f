import type { Change, Plan } from "./planned";
import { t } from "../words/words";

const SIGNS = { added: "+", removed: "-", changed: "~" } as const;
const GOOD = { added: "good", removed: "bad", changed: "warn" } as const;

/** What is made anew, and what becomes of what runs, one line each. */
export function Changes({ found: { creates, changes } }: { found: Plan }) {
  const lines: [Change["change"], string][] = [
    ...creates.map((what): [Change["change"], string] => ["added", what]),
    ...changes.map(({ change, what, settings }): [Change["change"], string] => [change, [what, settings.join(", ")].filter(Boolean).join(": ")]),
  ];
  if (lines.length === 0) return null;
  return (
    <ul className="plan-changes" aria-label={t("plan.changes")}>
      {lines.map(([change, words], index) => (
        <li key={index} data-change={change}>
          <span className={`plan-sign ${GOOD[change]}`} aria-label={t(`plan.${change}`)}>{SIGNS[change]}</span>
          {words}
        </li>
      ))}
    </ul>
  );
}
