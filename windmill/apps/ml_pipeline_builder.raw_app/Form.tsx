import { Autocomplete, JsonInput, MultiSelect, NumberInput, Select, Switch, TagsInput, TextInput, Textarea } from "@mantine/core";

import { useState } from "react";

import type { FieldSchema, Schema, Values } from "./types";
import { t } from "./words/words";

/** `columns`: of the data that is read, offered wherever one is named. */
type Props = { schema: Schema; values: Values; columns?: string[]; onChange: (values: Values) => void };

/** A form for a short-form JSON Schema: one field a property, told by its description. */
export function Form({ schema, values, columns = [], onChange }: Props) {
  return Object.entries(schema).map(([name, field]) => (
    <Field
      key={name}
      name={name}
      field={field}
      value={values[name] ?? field.default}
      offered={/\bcolumns?\b/.test(field.description ?? "") ? columns : undefined}
      onChange={(value) => onChange(changed(values, name, value))}
    />
  ));
}

function changed(values: Values, name: string, value: unknown): Values {
  const { [name]: _, ...others } = values;
  return value === undefined || value === "" ? others : { ...others, [name]: value };
}

type FieldProps = {
  name: string;
  field: FieldSchema;
  value: unknown;
  /** Of the data, where it names a column. */
  offered?: string[];
  onChange: (value: unknown) => void;
};

function Field({ name, field, value, offered, onChange }: FieldProps) {
  const common = {
    label: label(name),
    description: sentence(field.description),
    withAsterisk: field.required,
  };
  if (isReference(value) && (field.type !== "string" || field.enum))
    return <TextInput {...common} value={value} onChange={(e) => onChange(parsed(e.target.value))} />;
  if (field.enum)
    return <Select {...common} data={field.enum.map(String)} value={text(value)} onChange={onChange} allowDeselect={false} />;
  switch (field.type) {
    case "integer":
    case "number":
      return (
        <NumberInput
          {...common}
          value={value as number}
          min={field.minimum}
          max={field.maximum}
          clampBehavior="none"
          allowDecimal={field.type === "number"}
          onChange={(given) => onChange(given)}
        />
      );
    case "boolean":
      return <Switch {...common} checked={value === true} onChange={(e) => onChange(e.target.checked)} />;
    case "array":
      return <ListField {...common} {...{ field, value, offered, onChange }} />;
    case "object":
      return <ObjectField {...common} value={value} onChange={onChange} />;
    default:
      if (offered) return <Autocomplete {...common} data={offered} limit={50} value={text(value)} onChange={onChange} />;
      return name.includes("prompt") || name === "description" ? (
        <Textarea {...common} autosize minRows={2} value={text(value)} onChange={(e) => onChange(e.target.value)} />
      ) : (
        <TextInput {...common} value={text(value)} onChange={(e) => onChange(e.target.value)} />
      );
  }
}

type PartProps = Omit<FieldProps, "name" | "field" | "offered"> & { label: string; description: string; withAsterisk?: boolean };

function ListField({ field, value, offered, onChange, ...common }: PartProps & { field: FieldSchema; offered?: string[] }) {
  const { type, enum: allowed } = field.items ?? {};
  const given = Array.isArray(value) ? value : [];
  if (type === "object" || type === "array") return <ObjectField {...common} value={value} onChange={onChange} />;
  if (allowed) return <MultiSelect {...common} data={allowed} value={given.map(String)} onChange={onChange} />;
  const numbers = type === "integer" || type === "number";
  const changedList = (typed: string[]) => onChange(numbers ? typed.map(parsed) : typed);
  return <TagsInput {...common} data={offered} value={given.map(String)} onChange={changedList} />;
}

/** Sent on once it is JSON; meanwhile it stays what is typed. */
function ObjectField({ value, onChange, ...common }: PartProps) {
  const [typed, setTyped] = useState(() => JSON.stringify(value ?? {}, null, 2));
  const change = (next: string) => {
    setTyped(next);
    const read = readJson(next);
    if (read !== undefined) onChange(read);
  };
  return <JsonInput {...common} autosize minRows={2} validationError={t("inspector.notJson")} value={typed} onChange={change} />;
}

export function readJson(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    return undefined;
  }
}

const text = (value: unknown) => (value === undefined || value === null ? "" : String(value));

const label = (name: string) => {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const sentence = (words = "") => words.charAt(0).toUpperCase() + words.slice(1);

const isReference = (value: unknown): value is string =>
  typeof value === "string" && value.startsWith("${");

/** Typing over a reference gives the number that was typed, where it is one. */
const parsed = (typed: string) => (typed !== "" && !Number.isNaN(Number(typed)) ? Number(typed) : typed);
