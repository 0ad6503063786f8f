import { drawing } from "./drawing";
import { platform } from "./platform";

/** All that the app says in English. What the catalog and the platform say is not the app's, and not here. */
export const en = { ...drawing, ...platform };
