import { useEffect, useRef } from "react";

import { storedDraft, storeDraft, watchOtherTabs } from "./memory";
import type { Draft } from "./types";
import { same } from "./useHistory";
import { t } from "./words/words";

type Tabs = {
  onDraft: (draft: Draft) => void;
  onCrossed: (lost: Draft) => void;
  onRun: (id: string) => boolean;
  tell: (words: string) => void;
};

/** Keeps the drawing in the browser and the same in every tab; no edit is lost, none goes unsaid. */
export function useTabs(id: string, draft: Draft, tabs: Tabs) {
  // As the canvas has it, which names ports and settings that a template leaves out: that is no edit.
  const known = useRef({ version: 0, saved: 0, ...storedDraft(id), draft });
  const now = useRef(tabs);
  now.current = tabs;

  useEffect(() => {
    if (same(draft, known.current.draft) && known.current.version > 0) return;
    const stored = storedDraft(id) ?? known.current;
    if (stored.version > known.current.version && !same(stored.draft, draft)) {
      now.current.onCrossed(stored.draft);
      now.current.tell(t("builder.crossed"));
    }
    known.current = { version: stored.version + 1, draft, saved: Date.now() };
    storeDraft(id, known.current);
  }, [draft]);

  useEffect(
    () =>
      watchOtherTabs(
        id,
        () => {
          const stored = storedDraft(id);
          if (!stored || stored.version <= known.current.version) return;
          const changed = !same(stored.draft, known.current.draft);
          known.current = stored;
          if (!changed) return;
          now.current.onDraft(stored.draft);
          now.current.tell(t("builder.otherTab"));
        },
        (run) => {
          if (now.current.onRun(run)) now.current.tell(t("builder.started"));
        },
      ),
    [],
  );
}
