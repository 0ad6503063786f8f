import { TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { t } from "../words/words";

export const NODE_NAME = "node-name";

const FORM = /^[A-Za-z][A-Za-z0-9_-]{0,59}$/;

type Props = { id: string; taken: string[]; onRename: (id: string, next: string) => void };

/** What messages, logs and YAML call the node; F2 leads here. */
export function NodeName({ id, taken, onRename }: Props) {
  const [typed, setTyped] = useState(id);
  useEffect(() => setTyped(id), [id]);
  const trouble = whyNot(typed, id, taken);
  const done = () => (trouble || typed === id ? setTyped(id) : onRename(id, typed));
  return (
    <TextInput
      id={NODE_NAME}
      label={t("node.name")}
      value={typed}
      error={trouble || undefined}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={done}
      onKeyDown={({ key, currentTarget }) => key === "Enter" && currentTarget.blur()}
    />
  );
}

function whyNot(typed: string, id: string, taken: string[]): string {
  if (typed !== id && taken.includes(typed)) return t("node.taken");
  return FORM.test(typed) ? "" : t("node.form");
}
