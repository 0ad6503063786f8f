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
        <Menu.RadioGroup value={language()} onChange={(code) => speak(code as Language)}>
          {(Object.keys(LANGUAGES) as Language[]).map((code) => <Menu.RadioItem key={code} value={code} lang={code} closeMenuOnClick>{LANGUAGES[code]}</Menu.RadioItem>)}
        </Menu.RadioGroup>
        <Menu.Label>{t("language.rest")}</Menu.Label>
      </Menu.Dropdown>
    </Menu>
  );
}
