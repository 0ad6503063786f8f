import { useEffect, useState } from "react";

import type { Draft } from "../types";
import { counted, preview } from "./preview";

const TYPED_MS = 1200;
const TABLE = /\.(csv|tsv|jsonl|ndjson)$/i;

/** The columns of the tables that a drawing reads, to choose from; none while nobody could look. */
export function useColumns(draft: Draft): string[] {
  const [columns, setColumns] = useState<string[]>([]);
  const tables = draft.nodes.filter(({ config }) => TABLE.test(String(counted(config?.path, draft) ?? "")));
  const told = JSON.stringify(tables.map(({ component, config }) => [component, config, counted(config?.path, draft)]));
  useEffect(() => {
    let left = false;
    setColumns([]);
    if (tables.length === 0) return;
    const timer = window.setTimeout(async () => {
      const found = await Promise.all(tables.map((node) => preview(node, draft).catch(() => undefined)));
      const names = found.flatMap((each) => each?.sample?.columns.map(({ name }) => name) ?? []);
      if (!left) setColumns([...new Set(names)]);
    }, TYPED_MS);
    return () => {
      left = true;
      window.clearTimeout(timer);
    };
  }, [told]);
  return columns;
}
