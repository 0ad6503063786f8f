import { Button, Table, Text } from "@mantine/core";

import { amount } from "../cost/nodeCosts";
import { age, type Candidate, type NotTaken, type Offer } from "./planned";

// A market lists hundreds; the best few are what one chooses among.
const SHOWN = 8;

type Props = { candidates: Candidate[]; budget: number | null; onPick: (offer: Offer) => void };

/** The machines that fit, best first: the first is taken, another can be chosen in its place. */
export function Offers({ candidates, budget, onPick }: Props) {
  if (candidates.length === 0) return null;
  return (
    <section aria-label="Machines that fit">
      <div className="plan-offers">
      <Table verticalSpacing={6} fz="xs">
        <Table.Thead>
          <Table.Tr><Table.Th>Machine</Table.Th><Table.Th>Price</Table.Th><Table.Th>Where</Table.Th><Table.Th>Kind</Table.Th><Table.Th>Was up</Table.Th><Table.Th /></Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {candidates.slice(0, SHOWN).map((each, index) => <Row key={index} candidate={each} taken={index === 0} onPick={onPick} />)}
        </Table.Tbody>
      </Table>
      </div>
      {candidates.length > SHOWN && <Text c="dimmed" size="xs">{`and ${candidates.length - SHOWN} more that fit, none of them better`}</Text>}
      <Text c="dimmed" size="xs">{budget === null ? "No budget is set: nothing dearer than the first is taken." : `Budget: ${amount(budget)}`}</Text>
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
      <Table.Td>{offer.region || offer.jurisdiction || (offer.hourly_usd ? "anywhere" : "here")}</Table.Td>
      <Table.Td>{offer.spot ? "spot: may be taken back" : offer.hourly_usd ? "on demand" : "your own"}</Table.Td>
      <Table.Td>{offer.reliability === null ? "not told" : `${(offer.reliability * 100).toFixed(1)} %`}</Table.Td>
      <Table.Td>
        {taken ? <Text size="xs" className="good">is taken</Text> : <Button size="compact-xs" variant="default" onClick={() => onPick(offer)} aria-label={`Take ${offer.name}`}>Take</Button>}
      </Table.Td>
    </Table.Tr>
  );
}

/** Why what was looked at beside them is not taken, and what mends that where nothing fits. */
export function Refused({ refused, fix, open }: { refused: NotTaken[]; fix: string; open: boolean }) {
  if (refused.length === 0 && !fix) return null;
  return (
    <details className="plan-refused" open={open}>
      <summary>{`Not taken: ${refused.length}`}</summary>
      <ul>
        {refused.slice(0, SHOWN).map(({ target, name, hourly_usd, reason }, index) => (
          <li key={index}><b>{[target, name].filter(Boolean).join(" ")}</b>{hourly_usd ? ` ${amount(hourly_usd)}` : ""}: {reason}</li>
        ))}
        {refused.length > SHOWN && <li>{`and ${refused.length - SHOWN} more`}</li>}
      </ul>
      {fix && <Text>{fix}</Text>}
    </details>
  );
}
