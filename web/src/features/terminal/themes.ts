// The colours of terminals: the page's own, in light and dark, and some that people know from elsewhere.

import {
  type Appearance,
  colourList,
  PAGE_PALETTES,
  type Palette,
  xtermColours,
} from "@/ui/palettes";

/** A palette, or one for each appearance of the page. */
export interface Scheme {
  readonly id: string;
  readonly name: string;
  readonly light?: Palette;
  readonly dark?: Palette;
}

const PILOTHOUSE: Scheme = { id: "pilothouse", name: "Pilothouse", ...PAGE_PALETTES };

const SOLARIZED_COLOURS = colourList(`
  #073642 #dc322f #859900 #b58900 #268bd2 #d33682 #2aa198 #eee8d5
  #586e75 #cb4b16 #93a1a1 #657b83 #839496 #6c71c4 #93a1a1 #fdf6e3
`);

const SOLARIZED: Scheme = {
  id: "solarized",
  name: "Solarized",
  light: {
    background: "#fdf6e3",
    foreground: "#586e75",
    cursor: "#586e75",
    selection: "#e6dfc8",
    colours: SOLARIZED_COLOURS,
  },
  dark: {
    background: "#002b36",
    foreground: "#93a1a1",
    cursor: "#93a1a1",
    selection: "#0f4452",
    colours: SOLARIZED_COLOURS,
  },
};

const DRACULA: Scheme = {
  id: "dracula",
  name: "Dracula",
  dark: {
    background: "#282a36",
    foreground: "#f8f8f2",
    cursor: "#f8f8f2",
    selection: "#44475a",
    colours: colourList(`
      #21222c #ff5555 #50fa7b #f1fa8c #bd93f9 #ff79c6 #8be9fd #f8f8f2
      #6272a4 #ff6e6e #69ff94 #ffffa5 #d6acff #ff92df #a4ffff #ffffff
    `),
  },
};

const ONE: Scheme = {
  id: "one",
  name: "One",
  light: {
    background: "#fafafa",
    foreground: "#383a42",
    cursor: "#526fff",
    selection: "#dbdfe8",
    colours: colourList(`
      #383a42 #e45649 #50a14f #c18401 #4078f2 #a626a4 #0184bc #a0a1a7
      #696c77 #e45649 #50a14f #986801 #4078f2 #a626a4 #0184bc #202227
    `),
  },
  dark: {
    background: "#282c34",
    foreground: "#abb2bf",
    cursor: "#528bff",
    selection: "#3e4451",
    colours: colourList(`
      #3f4451 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #abb2bf
      #7f848e #f0868e #b1d69a #f0d399 #80c4ff #d898ea #78cdd7 #ffffff
    `),
  },
};

const GRUVBOX: Scheme = {
  id: "gruvbox",
  name: "Gruvbox",
  light: {
    background: "#fbf1c7",
    foreground: "#3c3836",
    cursor: "#3c3836",
    selection: "#e5d8ae",
    colours: colourList(`
      #3c3836 #9d0006 #79740e #b57614 #076678 #8f3f71 #427b58 #7c6f64
      #928374 #cc241d #98971a #d79921 #458588 #b16286 #689d6a #504945
    `),
  },
  dark: {
    background: "#282828",
    foreground: "#ebdbb2",
    cursor: "#ebdbb2",
    selection: "#504945",
    colours: colourList(`
      #665c54 #fb4934 #b8bb26 #fabd2f #83a598 #d3869b #8ec07c #d5c4a1
      #928374 #fb4934 #b8bb26 #fabd2f #83a598 #d3869b #8ec07c #fbf1c7
    `),
  },
};

/** All schemes, the page's own first. */
export const SCHEMES: readonly Scheme[] = [PILOTHOUSE, SOLARIZED, DRACULA, ONE, GRUVBOX];

/** The palette of a scheme that goes with how the page looks; the one it has if it has only one. */
export function paletteOf(scheme: string, appearance: Appearance): Palette {
  const chosen = SCHEMES.find(({ id }) => id === scheme) ?? PILOTHOUSE;
  const other = appearance === "light" ? chosen.dark : chosen.light;
  return chosen[appearance] ?? other ?? PAGE_PALETTES[appearance];
}

/** A palette as a terminal takes it, whose bar beside it has no border to be seen. */
export const themeOf = (palette: Palette) => ({
  ...xtermColours(palette),
  overviewRulerBorder: palette.background,
});

/** How well one colour is read on another, from 1 to 21, as WCAG counts it. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(colour: string): number {
  const part = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}
