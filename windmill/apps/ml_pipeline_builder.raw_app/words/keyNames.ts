import { t, type Key } from "./words";

const NAMED: Record<string, Key> = { Ctrl: "keyNames.ctrl", Shift: "keyNames.shift", Enter: "keyNames.enter", Delete: "keyNames.delete" };

/** As they stand on the keyboards of whoever reads it: `Ctrl Shift Z`. */
export const keyNames = (keys: string): string => keys.split(" ").map(keyName).join(" ");

export const keyName = (key: string): string => (NAMED[key] ? String(t(NAMED[key])) : key);
