import { ActionIcon, Button, Group, Loader, Menu, Select, Text, Tooltip, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { ChevronDown, FilePlus2, House, Keyboard, Moon, Play, Redo2, Sun, Undo2 } from "lucide-react";
import type { ReactNode } from "react";

import { Crumbs } from "./composed/Crumbs";
import { Cost, TargetOption } from "./Cost";
import type { Catalog, Draft, Prices, Template } from "./types";
import type { useHistory } from "./useHistory";
import { keyNames } from "./words/keyNames";
import { LanguageButton } from "./words/LanguageButton";
import { t } from "./words/words";

type Props = {
  catalog: Catalog;
  draft: Draft;
  prices?: Prices;
  history: Pick<ReturnType<typeof useHistory>, "undo" | "redo" | "canUndo" | "canRedo">;
  checking: boolean;
  running: "" | "deploying" | "destroying";
  onDraft: (change: Partial<Draft>) => void;
  onTemplate: (template?: Template) => void;
  onCheck: () => void;
  onDeploy: () => void;
  onHelp: () => void;
  onHome: () => void;
  state: string;
  /** What of the catalog it is. */
  entry: ReactNode;
};

export function Header({ catalog, draft, prices, history, checking, running, onDraft, onTemplate, onCheck, onDeploy, onHelp, onHome, state, entry }: Props) {
  return (
    <header className="header">
      <Tool label={t("common.allPipelines")} name={t("common.home")} onClick={onHome}><House size={18} strokeWidth={1.75} /></Tool>
      <Crumbs />
      <Templates {...{ catalog, draft, onTemplate }} />
      <Group gap={0} wrap="nowrap">
        <Tool label={t("header.undo", { keys: keyNames("Ctrl Z") })} name={t("common.undo")} disabled={!history.canUndo} onClick={history.undo}><Undo2 size={16} /></Tool>
        <Tool label={t("header.redo", { keys: keyNames("Ctrl Shift Z") })} name={t("common.redo")} disabled={!history.canRedo} onClick={history.redo}><Redo2 size={16} /></Tool>
      </Group>
      {state && <Text c="dimmed" className="kept">{state}</Text>}
      {entry}
      <Group ml="auto" gap="xs" wrap="nowrap">
        <Cost prices={prices} target={draft.target} />
        <Select
          aria-label={t("common.target")}
          w={128}
          leftSection={<Text c="dimmed">{t("common.on")}</Text>}
          data={catalog.targets.map((value) => ({ value, label: value, disabled: Boolean(prices?.unavailable?.[value]) }))}
          value={draft.target}
          renderOption={({ option }) => <TargetOption prices={prices} target={option.value} />}
          comboboxProps={{ width: 280, position: "bottom-end" }}
          maxDropdownHeight={440}
          onChange={(target) => target && onDraft({ target, target_settings: undefined })}
          allowDeselect={false}
        />
        <Tool label={t("header.keysHint")} name={t("header.keys")} onClick={onHelp}><Keyboard size={18} /></Tool>
        <Looks />
        <Button variant="default" onClick={onCheck} disabled={checking || running !== ""}>
          {t("common.check")}
        </Button>
        <Button
          onClick={onDeploy}
          disabled={checking || running !== "" || draft.nodes.length === 0}
          rightSection={running ? <Loader size={12} color="gray" /> : <Play size={14} />}
        >
          {running ? t(`header.${running}`) : t("common.deploy")}
        </Button>
      </Group>
    </header>
  );
}

const FOLDER = "pipelines /";

type ToolProps = { label: string; name: string; disabled?: boolean; onClick: () => void; children: ReactNode };

function Tool({ label, name, disabled, onClick, children }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={name} disabled={disabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function Templates({ catalog, draft, onTemplate }: Pick<Props, "catalog" | "draft" | "onTemplate">) {
  return (
    <Menu position="bottom-start" width={320}>
      <Menu.Target>
        <UnstyledButton className="crumbs" aria-label={t("header.openTemplate", { name: draft.name || t("common.unnamed") })}>
          <Text c="dimmed" span>
            {FOLDER}
          </Text>
          <Text fw={600} component="h1" m={0} span truncate>
            {draft.name || t("common.unnamed")}
          </Text>
          <ChevronDown size={14} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown className="templates">
        <Menu.Item leftSection={<FilePlus2 size={16} strokeWidth={1.75} />} onClick={() => onTemplate()}>
          {t("header.emptyCanvas")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("header.templatesHint")}</Menu.Label>
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

/** How the app looks and speaks. */
export const Looks = () => <><LanguageButton /><SchemeButton /></>;

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  const label = t(dark ? "language.light" : "language.dark");
  return (
    <Tool label={label} name={label} onClick={() => setColorScheme(dark ? "light" : "dark")}>
      {dark ? <Sun size={18} /> : <Moon size={18} />}
    </Tool>
  );
}
