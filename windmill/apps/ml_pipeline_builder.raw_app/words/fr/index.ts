import type { en } from "../en";
import { drawing } from "./drawing";
import { platform } from "./platform";

/** In French, with the spaces that are not to be broken before : ; ? ! and within « ». */
export const fr: typeof en = { ...drawing, ...platform };
