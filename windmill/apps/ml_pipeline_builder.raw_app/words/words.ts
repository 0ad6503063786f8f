import i18next, { type ParseKeys } from "i18next";

import { keepLanguage, keptLanguage } from "../memory";
import { en } from "./en";
import { fr } from "./fr";

/** Each by its own name. */
export const LANGUAGES = { en: "English", fr: "Français" } as const;

export type Language = keyof typeof LANGUAGES;
export type Key = ParseKeys;

const isLanguage = (code: unknown): code is Language => typeof code === "string" && code in LANGUAGES;

/** The one that was chosen here, else the first of the browser's that there is. */
export function firstLanguage(kept: unknown, wanted: readonly string[]): Language {
  return [kept, ...wanted.map((tag) => tag.split("-")[0]!.toLowerCase())].find(isLanguage) ?? "en";
}

void i18next.init({
  lng: firstLanguage(keptLanguage(), globalThis.navigator?.languages ?? []),
  fallbackLng: "en",
  resources: { en: { translation: en }, fr: { translation: fr } },
  initAsync: false,
  interpolation: { escapeValue: false }, // React does
});

/** What the app says, in the language that is chosen. Of names and values put in nothing is read as a word of ours. */
export const t = i18next.t;

export const language = () => i18next.language as Language;

const show = () => globalThis.document && (document.documentElement.lang = language());
show();

export function speak(chosen: Language) {
  keepLanguage(chosen);
  void i18next.changeLanguage(chosen);
  show();
}

/** Calls back when another language is spoken; returns how to stop that. */
export function watchLanguage(changed: () => void): () => void {
  i18next.on("languageChanged", changed);
  return () => i18next.off("languageChanged", changed);
}
