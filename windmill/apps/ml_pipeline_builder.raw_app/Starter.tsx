import { Text, UnstyledButton } from "@mantine/core";
import { LayoutTemplate } from "lucide-react";

import type { Catalog, Template } from "./types";

/** The next step of an empty canvas. */
export function Starter({ catalog, onTemplate }: { catalog: Catalog; onTemplate: (template: Template) => void }) {
  return (
    <section className="starter" aria-label="Begin">
      <Text fw={600} size="lg" component="h2" m={0}>
        Begin with a template
      </Text>
      <Text c="dimmed">Or add a component from the left; double-click the canvas to add one there.</Text>
      <div className="starter-cards">
        {Object.values(catalog.pipelines).map((template) => (
          <UnstyledButton key={template.name} className="starter-card" onClick={() => onTemplate(template)}>
            <LayoutTemplate size={16} strokeWidth={1.75} className="accent" aria-hidden />
            <Text fw={600}>{template.name}</Text>
            <Text c="dimmed">{template.summary}</Text>
          </UnstyledButton>
        ))}
      </div>
    </section>
  );
}
