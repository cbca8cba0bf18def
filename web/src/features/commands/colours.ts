// The colours of output: the page's own palette on the page's own ground, without a cursor to be seen.

import { appearanceNow, PAGE_PALETTES, xtermColours } from "@/ui/palettes";

/** What is marked where something was found; both forms stand on grounds that keep the text readable. */
export const FOUND = {
  light: { every: "#f6e3a8", active: "#f2b84b" },
  dark: { every: "#4a3d14", active: "#8a6a12" },
} as const;

/** Output stands on the page itself, which is a little lighter in the dark than a terminal. */
const GROUNDS = { light: "#ffffff", dark: "#0b0e13" } as const;

/** The colours as xterm.js takes them. */
export function outputTheme() {
  const appearance = appearanceNow();
  const background = GROUNDS[appearance];
  return xtermColours({ ...PAGE_PALETTES[appearance], background, cursor: background });
}
