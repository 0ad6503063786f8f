import { Kbd, ScrollArea, Text, TextInput, Tooltip, UnstyledButton } from "@mantine/core";
import { Search } from "lucide-react";
import { useState, type DragEvent, type KeyboardEvent } from "react";

import { FAMILIES } from "./families";
import { matching } from "./searching";
import type { Catalog, Component } from "./types";
import { t } from "./words/words";

export const SEARCH = "search-components";
export const DRAGGED = "application/x-component";

type Props = { catalog: Catalog; onAdd: (component: string) => unknown };

export function Palette({ catalog, onAdd }: Props) {
  const [wanted, setWanted] = useState("");
  const found = matching(wanted, Object.values(catalog.components));
  const pressed = ({ key, currentTarget }: KeyboardEvent<HTMLInputElement>) => {
    if (key === "Escape") return setWanted(""), currentTarget.blur();
    if (key !== "Enter" || wanted.trim() === "" || !found[0]) return;
    onAdd(found[0].name);
    setWanted("");
  };
  return (
    <nav className="palette" aria-label={t("palette.components")}>
      <TextInput
        id={SEARCH}
        aria-label={t("palette.search")}
        placeholder={t("common.search")}
        leftSection={<Search size={14} />}
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
        onKeyDown={pressed}
        rightSection={wanted === "" && <Kbd size="xs">/</Kbd>}
      />
      <ScrollArea className="palette-list" type="hover">
        {FAMILIES.map(({ family, icon: Icon }) => {
          const members = found.filter((component) => component.type === family);
          return members.length === 0 ? null : (
            <section key={family} data-family={family}>
              <Text className="quiet-heading">{t(`families.${family}`)}</Text>
              {members.map((component) => (
                <Entry key={component.name} component={component} icon={Icon} onAdd={onAdd} />
              ))}
            </section>
          );
        })}
        {found.length === 0 && <Text c="dimmed" mt="md">{t("palette.none")}</Text>}
      </ScrollArea>
    </nav>
  );
}

type EntryProps = {
  component: Component;
  icon: (typeof FAMILIES)[number]["icon"];
  onAdd: Props["onAdd"];
};

function Entry({ component, icon: Icon, onAdd }: EntryProps) {
  const drag = (event: DragEvent) => {
    event.dataTransfer.setData(DRAGGED, component.name);
    event.dataTransfer.effectAllowed = "copy";
  };
  return (
    <Tooltip label={component.summary} position="right" openDelay={400} multiline maw={240}>
      <UnstyledButton
        className="palette-entry"
        lang="en"
        draggable
        onDragStart={drag}
        onClick={() => onAdd(component.name)}
      >
        <Icon size={16} strokeWidth={1.75} className="node-icon" aria-hidden />
        {component.title}
      </UnstyledButton>
    </Tooltip>
  );
}
