import { FileText } from "lucide-react";
import { useRef } from "react";

import type { Source } from "../types";
import { marked } from "./marked";
import { t } from "../words/words";

/** A source: opened, it shows the passage, at the sentence that the answer is after. */
export function Passage({ document, page, section, highlight, passage }: Source) {
  const at = useRef<HTMLElement>(null);
  return (
    <details className="passage" onToggle={(event) => event.currentTarget.open && at.current?.scrollIntoView({ block: "nearest" })}>
      <summary>
        <FileText size={14} aria-hidden /> {document}
        {page !== null && <span className="quiet">{t("chat.page", { n: page })}</span>}
        {section && <span className="passage-section">{section}</span>}
        <span className="passage-highlight">{highlight}</span>
      </summary>
      <p className="passage-text" tabIndex={0}>
        {marked(passage, highlight).map(({ text, is }, index) => (is ? <mark key={index} ref={at}>{text}</mark> : text))}
      </p>
    </details>
  );
}
