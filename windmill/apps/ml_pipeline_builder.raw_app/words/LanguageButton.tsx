import { ActionIcon, Menu } from "@mantine/core";
import { Languages } from "lucide-react";

import { language, LANGUAGES, speak, t, type Language } from "./words";

/** The language of the app; what the catalog and the platform say stays as it is written, and that is told. */
export function LanguageButton() {
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("language.choose")} title={t("language.choose")}>
          <Languages size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(LANGUAGES) as Language[]).map((code) => (
          <Menu.Item key={code} lang={code} role="menuitemradio" aria-checked={code === language()} fw={code === language() ? 600 : undefined} onClick={() => speak(code)}>
            {LANGUAGES[code]}
          </Menu.Item>
        ))}
        <Menu.Label>{t("language.rest")}</Menu.Label>
      </Menu.Dropdown>
    </Menu>
  );
}
