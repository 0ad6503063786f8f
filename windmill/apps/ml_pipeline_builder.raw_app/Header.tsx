import { ActionIcon, Button, Group, Menu, Select, Text, Tooltip, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { ChevronDown, Moon, Play, Sun, Workflow } from "lucide-react";

import type { Catalog, Draft, Template } from "./types";

type Props = {
  catalog: Catalog;
  draft: Draft;
  busy: boolean;
  onDraft: (change: Partial<Draft>) => void;
  onTemplate: (template: Template) => void;
  onCheck: () => void;
  onDeploy: () => void;
};

export function Header({ catalog, draft, busy, onDraft, onTemplate, onCheck, onDeploy }: Props) {
  return (
    <header className="header">
      <Workflow size={20} strokeWidth={1.75} className="accent" aria-hidden />
      <Templates catalog={catalog} draft={draft} onTemplate={onTemplate} />
      <Text c="dimmed">Draft, kept in this browser</Text>
      <Group ml="auto" gap="sm" wrap="nowrap">
        <Select
          aria-label="Target"
          w={136}
          leftSection={<Text c="dimmed">on</Text>}
          data={catalog.targets}
          value={draft.target}
          onChange={(target) => target && onDraft({ target })}
          allowDeselect={false}
        />
        <SchemeButton />
        <Button variant="default" onClick={onCheck} disabled={busy}>
          Check
        </Button>
        <Button onClick={onDeploy} loading={busy} rightSection={<Play size={14} />}>
          Deploy
        </Button>
      </Group>
    </header>
  );
}

function Templates({ catalog, draft, onTemplate }: Pick<Props, "catalog" | "draft" | "onTemplate">) {
  return (
    <Menu position="bottom-start" width={320}>
      <Menu.Target>
        <UnstyledButton className="crumbs" aria-label="Open a template">
          <Text c="dimmed" span>
            pipelines /
          </Text>
          <Text fw={600} component="h1" m={0} span>
            {draft.name || "unnamed"}
          </Text>
          <ChevronDown size={14} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Start again from a template; this draft is replaced</Menu.Label>
        {Object.values(catalog.pipelines).map((template) => (
          <Menu.Item key={template.name} onClick={() => onTemplate(template)}>
            <Text fw={600}>{template.name}</Text>
            <Text c="dimmed">{template.summary}</Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  const label = dark ? "Light theme" : "Dark theme";
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={() => setColorScheme(dark ? "light" : "dark")}>
        {dark ? <Sun size={18} /> : <Moon size={18} />}
      </ActionIcon>
    </Tooltip>
  );
}
