import { language, t } from "./words";

const CENT = 0.01;

export const figure = (value: number, options?: Intl.NumberFormatOptions): string => value.toLocaleString(language(), options);

/** `digits` behind the point, all of them shown. */
export const fixed = (value: number, digits: number): string =>
  figure(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });

export const seconds = (value: number): string => t("common.seconds", { n: fixed(value, 1) });

/** `share`: of 1. */
export const percent = (share: number): string => figure(share, { style: "percent", maximumFractionDigits: 1 });

/** USD; less than a cent is shown as what it is. */
export function money(usd: number): string {
  const digits = usd === 0 || usd >= CENT ? { minimumFractionDigits: 2, maximumFractionDigits: 2 } : { maximumSignificantDigits: 2 };
  return figure(usd, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", ...digits });
}

export const perHour = (usd: number): string => t("common.perHour", { money: money(usd) });

export const soFar = (usd: number): string => t("common.soFar", { money: fixedMoney(usd) });

const fixedMoney = (usd: number) => figure(usd, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" });

/** Day and time, as people here write them. */
export const moment = (at: number | string): string => new Date(at).toLocaleString(language());
