import { Progress, Text } from "@mantine/core";

import { shownValue } from "./values";
import { percent } from "../words/figures";
import { t } from "../words/words";

/** What was predicted, in words and bars where it is of a known form, else as it came. */
export function Prediction({ output }: { output: unknown }) {
  const told = output as Record<string, any>;
  const known = typeof output === "object" && output !== null && !Array.isArray(output);
  if (!known) return <Raw output={output} />;
  const { label, value, text, warnings } = told;
  const main = label ?? value ?? text;
  return (
    <div className="prediction">
      {main !== undefined && <Text size="lg" fw={600} className="prediction-main">{shownValue(main)}</Text>}
      {Array.isArray(told.interval) && <Text c="dimmed">{t("predict.between", { low: shownValue(told.interval[0]), high: shownValue(told.interval[1]) })}</Text>}
      <Shares of={told.probabilities ?? told.scores} />
      {Array.isArray(warnings) && warnings.map((why: string, index: number) => <Text key={index} className="warn" role="note">{why}</Text>)}
      <details className="passage">
        <summary>{t("predict.asItCame")}</summary>
        <Raw output={output} />
      </details>
    </div>
  );
}

function Shares({ of }: { of: unknown }) {
  if (typeof of !== "object" || of === null || Array.isArray(of)) return null;
  const shares = Object.entries(of as Record<string, number>).sort(([, one], [, other]) => other - one).slice(0, 8);
  return (
    <ul className="shares" aria-label={t("predict.shares")}>
      {shares.map(([name, share]) => (
        <li key={name}>
          <span>{name}</span>
          <Progress value={share * 100} aria-label={name} transitionDuration={0} />
          <span className="quiet">{percent(share)}</span>
        </li>
      ))}
    </ul>
  );
}

const Raw = ({ output }: { output: unknown }) => (
  <pre className="code answer-body" tabIndex={0} aria-label={t("tryIt.response")}>{JSON.stringify(output, null, 2)}</pre>
);
