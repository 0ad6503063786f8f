import { Button } from "@mantine/core";
import { useState } from "react";
import { t } from "../words/words";

/** Asks once more on the same spot; what was created is destroyed by it. */
export function CancelButton({ onCancel }: { onCancel: () => Promise<unknown> }) {
  const [sure, setSure] = useState(false);
  const [asked, setAsked] = useState(false);
  const press = () => {
    if (!sure) return setSure(true);
    setAsked(true);
    void onCancel().finally(() => setAsked(false));
  };
  return (
    <Button size="compact-xs" variant={sure ? "filled" : "default"} color="red" loading={asked} onClick={press} onBlur={() => setSure(false)}>
      {t(sure ? "run.cancelSure" : "common.cancel")}
    </Button>
  );
}
