// Whether the palette is open, and what pages add to it while they are shown.

import { useEffect } from "react";
import { create } from "zustand";

/** Something that the palette does. */
export interface PaletteEntry {
  readonly id: string;
  readonly label: string;
  /** Behind the label: a path, a state, a key. */
  readonly hint?: string;
  readonly group: string;
  /** Other words under which it is found. */
  readonly words?: string;
  run(): void;
}

interface PaletteState {
  readonly isOpen: boolean;
  /** By the page that added them. */
  readonly added: ReadonlyMap<string, readonly PaletteEntry[]>;
  open(): void;
  close(): void;
}

/** The palette's state. */
export const usePalette = create<PaletteState>()((set) => ({
  isOpen: false,
  added: new Map(),
  open: () => set({ isOpen: true }),
  close: () => set({ isOpen: false }),
}));

let pages = 0;

/** Adds entries while the calling component is shown. `entries` has to be the same array until they change. */
export function usePaletteEntries(entries: readonly PaletteEntry[]): void {
  useEffect(() => {
    pages += 1;
    const id = String(pages);
    usePalette.setState(({ added }) => ({ added: new Map(added).set(id, entries) }));
    return () =>
      usePalette.setState(({ added }) => ({
        added: new Map([...added].filter(([other]) => other !== id)),
      }));
  }, [entries]);
}
