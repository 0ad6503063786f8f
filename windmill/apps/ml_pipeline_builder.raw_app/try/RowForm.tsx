import { Autocomplete, NumberInput, Select, TextInput } from "@mantine/core";

import type { Values } from "../types";
import type { Column } from "./takes";
import { figure } from "../words/figures";
import { t } from "../words/words";

// More are typed rather than looked through.
const FEW = 50;

type Props = { columns: Column[]; values: Values; onChange: (values: Values) => void };

/** One field a column, as the model knows it; what is left empty is missing. */
export function RowForm({ columns, values, onChange }: Props) {
  return columns.map((column) => (
    <ColumnField
      key={column.name}
      column={column}
      value={values[column.name]}
      onChange={(value) => onChange({ ...values, [column.name]: value === "" ? null : value })}
    />
  ));
}

type FieldProps = { column: Column; value: unknown; onChange: (value: unknown) => void };

function ColumnField({ column: { name, kind, range, categories }, value, onChange }: FieldProps) {
  const text = value === null || value === undefined ? "" : String(value);
  if (kind === "number")
    return (
      <NumberInput
        label={name}
        description={range && t("predict.range", { low: figure(range[0]), high: figure(range[1]) })}
        value={text}
        onChange={(given) => onChange(given)}
      />
    );
  const known = (categories ?? []).map(String).filter((each) => each !== "");
  if (known.length > 0 && known.length <= FEW && (text === "" || known.includes(text)))
    return <Select label={name} data={known} value={text || null} onChange={onChange} clearable placeholder={t("predict.unknown")} />;
  if (known.length > 0) return <Autocomplete label={name} data={known} limit={FEW} value={text} onChange={onChange} />;
  return <TextInput label={name} value={text} onChange={(event) => onChange(event.target.value)} />;
}
