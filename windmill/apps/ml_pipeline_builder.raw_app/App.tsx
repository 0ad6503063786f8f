import { Center, Loader } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";

import { Builder } from "./Builder";
import { fromTemplate } from "./layout";
import { storedDraft } from "./memory";
import { Trouble } from "./Notes";
import * as platform from "./platform";
import type { Catalog, Draft } from "./types";

const BETWEEN_TRIES_MS = 3000;

export default function App() {
  const [catalog, setCatalog] = useState<Catalog>();
  const [trouble, setTrouble] = useState("");
  const load = useCallback(
    () =>
      platform.loadCatalog().then(
        (loaded) => (setCatalog(loaded), setTrouble("")),
        (error: Error) => setTrouble(error.message),
      ),
    [],
  );
  useEffect(() => void load(), [load]);
  useEffect(() => {
    if (!trouble || catalog) return;
    const again = window.setTimeout(load, BETWEEN_TRIES_MS);
    return () => window.clearTimeout(again);
  }, [trouble, catalog, load]);
  if (catalog) return <Builder catalog={catalog} first={startingDraft(catalog)} />;
  return <Center h="100vh">{trouble ? <Trouble words={trouble} /> : <Loader aria-label="Loading" />}</Center>;
}

function startingDraft(catalog: Catalog): Draft {
  const template = catalog.pipelines["rag-chatbot"] ?? Object.values(catalog.pipelines)[0];
  const target = catalog.targets[0]!;
  return storedDraft()?.draft ?? fromTemplate(template!, target);
}
