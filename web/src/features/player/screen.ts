// A terminal that only shows, in letters as large as the whole of it fits into its place. No React.

import { Unicode11Addon } from "@xterm/addon-unicode11";
import { type ITheme, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import type { Screen } from "./player";

/** How it looks; the same functions as long as nothing of it changes. */
export interface Look {
  readonly theme: () => ITheme;
  readonly fontFamily: string;
  /** Calls when `theme` gives something else; what is returned ends that. */
  readonly watch: (changed: () => void) => () => void;
}

/** In pixels. */
const LARGEST_FONT = 18;
const SMALLEST_FONT = 5;
const LINE_HEIGHT = 1.2;

/** Lines above the screen that can be scrolled back to. */
const SCROLLBACK = 5000;

/** The largest letters, in steps of half a pixel, with which so many cells fit. `cell` is as wide and high as with `font`. */
export function fontFor(
  size: { readonly columns: number; readonly rows: number },
  place: { readonly width: number; readonly height: number },
  cell: { readonly width: number; readonly height: number },
  font: number,
): number {
  const scale = Math.min(
    place.width / (size.columns * cell.width),
    place.height / (size.rows * cell.height),
  );
  if (!Number.isFinite(scale) || scale <= 0) return font;
  const fitting = Math.floor(font * scale * 2) / 2;
  return Math.min(LARGEST_FONT, Math.max(SMALLEST_FONT, fitting));
}

/** See the top of the file. */
export class RecordedScreen implements Screen {
  readonly #terminal: Terminal;
  readonly #ends: (() => void)[] = [];

  constructor(
    private readonly place: HTMLElement,
    { theme, fontFamily, watch }: Look,
  ) {
    const terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: false,
      cursorInactiveStyle: "block",
      disableStdin: true,
      fontFamily,
      fontSize: 13,
      lineHeight: LINE_HEIGHT,
      scrollback: SCROLLBACK,
      theme: theme(),
    });
    this.#terminal = terminal;
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = "11";
    terminal.open(place);
    // Keys are the player's, so nothing here takes focus.
    terminal.textarea?.setAttribute("tabindex", "-1");
    terminal.textarea?.setAttribute("aria-label", "Recorded screen");
    terminal.attachCustomKeyEventHandler(() => false);
    const sizes = new ResizeObserver(() => this.#fit());
    sizes.observe(place);
    const lettersCame = () => this.#fit();
    document.fonts?.addEventListener("loadingdone", lettersCame);
    this.#ends.push(
      () => sizes.disconnect(),
      () => document.fonts?.removeEventListener("loadingdone", lettersCame),
      watch(() => {
        terminal.options.theme = theme();
      }),
    );
  }

  write(text: string, done: () => void): void {
    this.#terminal.write(text, done);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#fit();
  }

  reset(): void {
    this.#terminal.reset();
  }

  dispose(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#terminal.dispose();
  }

  #fit(): void {
    const terminal = this.#terminal;
    const drawn = this.place.querySelector<HTMLElement>(".xterm-screen");
    const { clientWidth: width, clientHeight: height } = this.place;
    if (drawn === null || width === 0 || height === 0) return;
    const cell = {
      width: drawn.offsetWidth / terminal.cols,
      height: drawn.offsetHeight / terminal.rows,
    };
    const size = { columns: terminal.cols, rows: terminal.rows };
    const font = fontFor(size, { width, height }, cell, terminal.options.fontSize ?? 13);
    if (font !== terminal.options.fontSize) terminal.options.fontSize = font;
  }
}
