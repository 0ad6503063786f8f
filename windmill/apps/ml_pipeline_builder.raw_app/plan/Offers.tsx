import { Button, Table, Text } from "@mantine/core";

import { amount } from "../cost/nodeCosts";
import { age, type Candidate, type NotTaken, type Offer } from "./planned";
import { percent } from "../words/figures";
import { t } from "../words/words";

// A market lists hundreds; the best few are what one chooses among.
const SHOWN = 8;

type Props = { candidates: Candidate[]; budget: number | null; onPick: (offer: Offer) => void };

/** The machines that fit, best first: the first is taken, another can be chosen in its place. */
export function Offers({ candidates, budget, onPick }: Props) {
  if (candidates.length === 0) return null;
  return (
    <section aria-label={t("plan.machines")}>
      <div className="plan-offers">
      <Table verticalSpacing={6} fz="xs">
        <Table.Thead>
          <Table.Tr><Table.Th>{t("plan.machine")}</Table.Th><Table.Th>{t("plan.price")}</Table.Th><Table.Th>{t("plan.region")}</Table.Th><Table.Th>{t("plan.kind")}</Table.Th><Table.Th>{t("plan.wasUp")}</Table.Th><Table.Th /></Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {candidates.slice(0, SHOWN).map((each, index) => <Row key={index} candidate={each} taken={index === 0} onPick={onPick} />)}
        </Table.Tbody>
      </Table>
      </div>
      {candidates.length > SHOWN && <Text c="dimmed" size="xs">{t("plan.moreFit", { n: candidates.length - SHOWN })}</Text>}
      <Text c="dimmed" size="xs">{budget === null ? t("plan.noBudget") : t("plan.budget", { price: amount(budget) })}</Text>
    </section>
  );
}

function Row({ candidate: { offer, reason }, taken, onPick }: { candidate: Candidate; taken: boolean; onPick: (offer: Offer) => void }) {
  return (
    <Table.Tr data-taken={taken}>
      <Table.Td>
        <b>{offer.name}</b>
        <div className="quiet">{[offer.target, reason].filter(Boolean).join(" · ")}</div>
      </Table.Td>
      <Table.Td className="price">
        {amount(offer.hourly_usd)}
        {offer.read_on && <div className="quiet" title={[offer.source, offer.read_on].filter(Boolean).join(", ")}>{age(offer.read_on)}</div>}
      </Table.Td>
      <Table.Td>{offer.region || offer.jurisdiction || (offer.hourly_usd ? t("plan.anywhere") : t("plan.here"))}</Table.Td>
      <Table.Td>{offer.spot ? t("plan.spot") : offer.hourly_usd ? t("plan.onDemand") : t("plan.own")}</Table.Td>
      <Table.Td>{offer.reliability === null ? t("plan.notTold") : percent(offer.reliability)}</Table.Td>
      <Table.Td>
        {taken ? <Text size="xs" className="good">{t("plan.isTaken")}</Text> : <Button size="compact-xs" variant="default" onClick={() => onPick(offer)} aria-label={t("plan.takeOne", { name: offer.name })}>{t("plan.take")}</Button>}
      </Table.Td>
    </Table.Tr>
  );
}

/** Why what was looked at beside them is not taken, and what mends that where nothing fits. */
export function Refused({ refused, fix, open }: { refused: NotTaken[]; fix: string; open: boolean }) {
  if (refused.length === 0 && !fix) return null;
  return (
    <details className="plan-refused" open={open}>
      <summary>{t("plan.notTaken", { n: refused.length })}</summary>
      <ul>
        {refused.slice(0, SHOWN).map(({ target, name, hourly_usd, reason }, index) => (
          <li key={index}><b>{[target, name].filter(Boolean).join(" ")}</b>{hourly_usd ? ` ${amount(hourly_usd)}` : ""}: {reason}</li>
        ))}
        {refused.length > SHOWN && <li>{t("common.andMore", { n: refused.length - SHOWN })}</li>}
      </ul>
      {fix && <Text>{fix}</Text>}
    </details>
  );
}
