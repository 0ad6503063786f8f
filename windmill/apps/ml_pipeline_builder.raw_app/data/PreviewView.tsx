import { Table, Text } from "@mantine/core";

import { inWords, readInWords } from "../useReadings";
import type { Preview, Sample } from "./preview";
import { t } from "../words/words";

/** The first of what would be read, and what would be left out and why. */
export function PreviewView({ seen: { error, reading, sample } }: { seen: Preview }) {
  return (
    <div role="group" aria-label={t("data.reads")}>
      {error && <Text className="bad" role="alert" size="xs">{`${error.message} ${error.fix}`}</Text>}
      {reading && <Text size="xs" className={reading.listed.length ? "warn" : "good"}>{readInWords(reading)}</Text>}
      {reading && reading.listed.length > 1 && (
        <ul className="data-left">{reading.listed.map((each, index) => <li key={index}>{inWords(each)}</li>)}</ul>
      )}
      {sample && sample.columns.length > 0 && <Rows sample={sample} />}
      {sample && sample.texts.map(({ document, page, text }, index) => (
        <details key={index} className="passage">
          <summary>{document}{page !== null && <span className="quiet"> {t("chat.page", { n: page })}</span>}</summary>
          <p>{text}</p>
        </details>
      ))}
    </div>
  );
}

function Rows({ sample: { columns, rows } }: { sample: Sample }) {
  return (
    <div className="data-rows" tabIndex={0} role="region" aria-label={t("data.rows")}>
      <Table fz="xs" verticalSpacing={2} horizontalSpacing={6}>
        <Table.Thead>
          <Table.Tr>{columns.map(({ name, kind }) => <Table.Th key={name}>{name}<div className="quiet">{kind}</div></Table.Th>)}</Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, index) => <Table.Tr key={index}>{row.map((cell, at) => <Table.Td key={at}>{cell === null ? "" : String(cell)}</Table.Td>)}</Table.Tr>)}
        </Table.Tbody>
      </Table>
    </div>
  );
}
