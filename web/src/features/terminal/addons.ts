// What xterm.js is given beside itself: widths of characters, searching, links and pictures.

import { ImageAddon } from "@xterm/addon-image";
import { type ISearchOptions, SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import type { Terminal } from "@xterm/xterm";
import type { Palette } from "@/ui/palettes";
import { openAddress, opens, webAddress } from "./links";

/** Tells which address is under the mouse, if one is. */
export type Hover = (address: string | undefined) => void;

/** Opens what programs mark as a link (OSC 8), if it is a page. */
export function linkHandler(hover: Hover) {
  return {
    activate: (event: MouseEvent, text: string) => {
      if (opens(event)) openAddress(text);
    },
    hover: (_: MouseEvent, text: string) => hover(webAddress(text)),
    leave: () => hover(undefined),
  };
}

/** Gives a terminal all that it needs, and returns its search. */
export function equip(terminal: Terminal, hover: Hover): SearchAddon {
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  const search = new SearchAddon({ highlightLimit: 2000 });
  terminal.loadAddon(search);
  const { activate, leave, hover: over } = linkHandler(hover);
  terminal.loadAddon(new WebLinksAddon(activate, { hover: over, leave }));
  if (mayCompile()) {
    // Its answers to programs are the agent's to give, and a page has not room for many pictures.
    const limits = { enableSizeReports: false, pixelLimit: 4_000_000, storageLimit: 24 };
    terminal.loadAddon(new ImageAddon({ ...limits, sixelSizeLimit: 8e6, iipSizeLimit: 8e6 }));
  }
  return search;
}

let isAllowed: boolean | undefined;

/** Whether the page's policy lets it compile what pictures are decoded with; without that there are no pictures. */
function mayCompile(): boolean {
  if (isAllowed !== undefined) return isAllowed;
  try {
    // The shortest module there is: its mark and its version.
    new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    isAllowed = true;
  } catch {
    isAllowed = false;
  }
  return isAllowed;
}

/** What people choose of a search. */
export interface SearchOptions {
  readonly isExact: boolean;
  readonly isPattern: boolean;
}

/** A search as the addon takes it, with marks that can be told apart on this palette. */
export function searchOptions(options: SearchOptions, palette: Palette): ISearchOptions {
  const { background, cursor, selection, colours } = palette;
  const strong = colours[3] ?? cursor;
  return {
    caseSensitive: options.isExact,
    regex: options.isPattern,
    decorations: {
      matchBackground: selection,
      matchBorder: cursor,
      matchOverviewRuler: cursor,
      activeMatchBackground: selection,
      activeMatchBorder: strong,
      activeMatchColorOverviewRuler: strong === background ? cursor : strong,
    },
  };
}
