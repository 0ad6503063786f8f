import { Text, UnstyledButton } from "@mantine/core";
import { LayoutTemplate } from "lucide-react";

import type { Catalog, Template } from "./types";
import { t } from "./words/words";

/** The next step of an empty canvas. */
export function Starter({ catalog, onTemplate }: { catalog: Catalog; onTemplate: (template: Template) => void }) {
  return (
    <section className="starter" aria-label={t("canvas.begin")}>
      <Text fw={600} size="lg" component="h2" m={0}>
        {t("canvas.beginWith")}
      </Text>
      <Text c="dimmed">{t("canvas.orAdd")}</Text>
      <div className="starter-cards">
        {Object.values(catalog.pipelines).map((template) => (
          <UnstyledButton key={template.name} className="starter-card" onClick={() => onTemplate(template)}>
            <LayoutTemplate size={16} strokeWidth={1.75} className="accent" aria-hidden />
            <Text fw={600}>{template.name}</Text>
            <Text c="dimmed" lang="en">{template.summary}</Text>
          </UnstyledButton>
        ))}
      </div>
    </section>
  );
}
