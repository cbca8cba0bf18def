// The colours of output: the page's own ground and ink, and sixteen that are read well on it.

const list = (words: string): readonly string[] => words.trim().split(/\s+/);

/** Black, red, green, yellow, blue, magenta, cyan, white; then the same, bright. */
const LIGHT = list(`
  #1b2330 #b3261e #1f6f3a #7d5a00 #1d5fb8 #8a3aa8 #0b6f86 #5b6472
  #4b5565 #c2322a #257a41 #8a6400 #2a6bc9 #9a48b8 #147487 #666f7c
`);
const DARK = list(`
  #76808f #f47c74 #6fce8a #e0b95c #79aef5 #d394ee #5cc8dc #c6cedb
  #8d97a6 #ff9a92 #90e2a6 #f2cf7c #9cc5ff #e3b1f8 #86dcec #f4f7fb
`);

/** What is marked where something was found; both forms stand on grounds that keep the text readable. */
export const FOUND = {
  light: { every: "#f6e3a8", active: "#f2b84b" },
  dark: { every: "#4a3d14", active: "#8a6a12" },
} as const;

/** Whether the page is light or dark now. */
export const appearance = (): "light" | "dark" =>
  document.documentElement.dataset.theme === "light" ? "light" : "dark";

/** The colours as xterm.js takes them. */
export function outputTheme() {
  const isLight = appearance() === "light";
  const colours = isLight ? LIGHT : DARK;
  const foreground = isLight ? "#1b2330" : "#dfe5ee";
  const background = isLight ? "#ffffff" : "#0b0e13";
  const at = (place: number) => colours[place] ?? foreground;
  return {
    background,
    foreground,
    cursor: background,
    cursorAccent: background,
    selectionBackground: isLight ? "#bfe3ec" : "#1f4554",
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
