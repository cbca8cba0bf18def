// The page's own colours for what programs print, as terminals and outputs draw them.

/** How the page looks. */
export type Appearance = "light" | "dark";

/** The sixteen colours and what they stand on. */
export interface Palette {
  readonly background: string;
  readonly foreground: string;
  readonly cursor: string;
  readonly selection: string;
  /** Black, red, green, yellow, blue, magenta, cyan, white; then the same, bright. */
  readonly colours: readonly string[];
}

/** Colours that are written one after the other. */
export const colourList = (words: string): readonly string[] => words.trim().split(/\s+/);

/** The page's own, read well on its own ground in both appearances. */
export const PAGE_PALETTES: Readonly<Record<Appearance, Palette>> = {
  light: {
    background: "#ffffff",
    foreground: "#1b2330",
    cursor: "#0b6f86",
    selection: "#bfe3ec",
    colours: colourList(`
      #1b2330 #b3261e #1f6f3a #7d5a00 #1d5fb8 #8a3aa8 #0b6f86 #5b6472
      #4b5565 #c2322a #257a41 #8a6400 #2a6bc9 #9a48b8 #147487 #666f7c
    `),
  },
  dark: {
    background: "#090c11",
    foreground: "#dfe5ee",
    cursor: "#5cc8dc",
    selection: "#1f4554",
    colours: colourList(`
      #76808f #f47c74 #6fce8a #e0b95c #79aef5 #d394ee #5cc8dc #c6cedb
      #8d97a6 #ff9a92 #90e2a6 #f2cf7c #9cc5ff #e3b1f8 #86dcec #f4f7fb
    `),
  },
};

/** Whether the page is light or dark now, read from its root: what draws itself has to be told. */
export const appearanceNow = (): Appearance =>
  document.documentElement.dataset.theme === "light" ? "light" : "dark";

/** A palette as xterm.js takes it. */
export function xtermColours({ background, foreground, cursor, selection, colours }: Palette) {
  const at = (place: number) => colours[place] ?? foreground;
  return {
    background,
    foreground,
    cursor,
    cursorAccent: background,
    selectionBackground: selection,
    scrollbarSliderBackground: `${foreground}33`,
    scrollbarSliderHoverBackground: `${foreground}66`,
    scrollbarSliderActiveBackground: `${foreground}88`,
    black: at(0),
    red: at(1),
    green: at(2),
    yellow: at(3),
    blue: at(4),
    magenta: at(5),
    cyan: at(6),
    white: at(7),
    brightBlack: at(8),
    brightRed: at(9),
    brightGreen: at(10),
    brightYellow: at(11),
    brightBlue: at(12),
    brightMagenta: at(13),
    brightCyan: at(14),
    brightWhite: at(15),
  };
}
