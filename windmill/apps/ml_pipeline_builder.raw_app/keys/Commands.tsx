import "./keys.css";

import { Combobox, Kbd, Modal, Text, useCombobox } from "@mantine/core";
import { useEffect, useState } from "react";
import { t } from "../words/words";

export type Command = { what: string; keys?: string; run: () => unknown };

type Props = { opened: boolean; commands: Command[]; onClose: () => void };

/** Everything that can be done here, found by a few letters. */
export function Commands({ opened, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={rest.onClose} withCloseButton={false} title={<Text fw={600}>{t("commands.title")}</Text>} yOffset="12vh" size={520} transitionProps={{ duration: 120 }}>
      {/* The list, which is always open, would take the key for itself. */}
      <div onKeyDownCapture={({ key }) => key === "Escape" && rest.onClose()}>
        <Found {...rest} />
      </div>
    </Modal>
  );
}

function Found({ commands, onClose }: Omit<Props, "opened">) {
  const [typed, setTyped] = useState("");
  const list = useCombobox({ opened: true });
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = commands.filter(({ what }) => words.every((word) => what.toLowerCase().includes(word)));
  useEffect(() => void list.selectFirstOption(), [typed]);
  const choose = (what: string) => {
    onClose();
    void commands.find((each) => each.what === what)?.run();
  };
  return (
    <Combobox store={list} onOptionSubmit={choose}>
      <Combobox.EventsTarget>
        <Combobox.Search aria-label={t("commands.one")} placeholder={t("commands.what")} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} data-autofocus />
      </Combobox.EventsTarget>
      <Combobox.Options className="commands" aria-label={t("commands.title")} tabIndex={0}>
        {found.map(({ what, keys }) => (
          <Combobox.Option key={what} value={what} className="command">
            <span>{what}</span>
            {keys && <Kbd>{keys}</Kbd>}
          </Combobox.Option>
        ))}
        {found.length === 0 && <Combobox.Empty><Text c="dimmed">{t("commands.none")}</Text></Combobox.Empty>}
      </Combobox.Options>
    </Combobox>
  );
}
