// One terminal of xterm.js, set up as this page wants it. It knows nothing of workers and connections.

import type { SearchAddon } from "@xterm/addon-search";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import type { Palette } from "@/ui/palettes";
import { equip, linkHandler, type SearchOptions, searchOptions } from "./addons";
import type { Size } from "./backlog";
import { drawFast, drawPlainly } from "./drawing";
import type { Sink } from "./feed";
import type { Extent } from "./fitting";
import { fontsOf, type Preferences } from "./preferences";
import { passOverQuestions, takeClipboard } from "./queries";
import { drawSelectionsOnly } from "./selection";
import { themeOf } from "./themes";

/** Who is told what happens in a screen. */
export interface ScreenListener {
  /** A key, a mouse or the terminal itself says something to the program. */
  typed(text: string): void;
  /** Whether the page takes this key before the terminal does. */
  takesKey(event: KeyboardEvent): boolean;
  titled(title: string): void;
  rang(): void;
  /** A program wants this text in the clipboard. */
  copied(text: string): void;
  hovered(address: string | undefined): void;
  found(at: number, count: number): void;
  selected(hasSelection: boolean): void;
  /** Something was drawn, or scrolled. */
  moved(): void;
  /** It is known how large cells are. */
  measured(): void;
}

/** How a screen looks. */
export interface Look {
  readonly preferences: Preferences;
  readonly palette: Palette;
  readonly isCalm: boolean;
  readonly isReadOnly: boolean;
}

/** Room for the bar at the right, which also shows where searches found something. What xterm.js takes by itself. */
export const BAR_WIDTH = 14;

/** A font that takes longer than this is not waited for. */
const LATEST_FONT_MS = 1500;

/** See the top of the file. */
export class Screen implements Sink {
  readonly terminal: Terminal;
  /** What is put into the page. */
  readonly element = document.createElement("div");
  #look: Look;
  #fontSize: number;
  #isOpen = false;
  #hasFont = false;
  readonly #search: SearchAddon;

  constructor(
    look: Look,
    private readonly listener: ScreenListener,
  ) {
    this.#look = look;
    this.#fontSize = look.preferences.fontSize;
    this.terminal = new Terminal({
      allowProposedApi: true,
      macOptionClickForcesSelection: true,
      linkHandler: linkHandler((address) => listener.hovered(address)),
      ...this.#options(),
    });
    this.#search = equip(this.terminal, (address) => listener.hovered(address));
    this.#listen();
    document.fonts?.addEventListener("loadingdone", this.#measure);
    void this.#awaitFont();
  }

  /** Puts it into a place of the page. */
  mount(place: HTMLElement): void {
    place.append(this.element);
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.terminal.open(this.element);
      drawSelectionsOnly(this.terminal);
      this.terminal.textarea?.setAttribute("autocorrect", "off");
    }
    this.#measure();
    // What was written meanwhile was not drawn.
    this.terminal.refresh(0, this.terminal.rows - 1);
  }

  /** Takes it out of the page. It goes on. */
  unmount(): void {
    drawPlainly(this.terminal);
    this.element.remove();
  }

  /** Whether it is drawn by the graphics card, which only one terminal of the page is. */
  focused(isFocused: boolean): void {
    if (isFocused) void drawFast(this.terminal);
    else drawPlainly(this.terminal);
  }

  /** What people hear of it who do not see it. */
  label(text: string): void {
    this.terminal.textarea?.setAttribute("aria-label", text);
  }

  /** Takes another look. */
  wear(look: Look): void {
    const hadOwnFont = this.#fontSize === this.#look.preferences.fontSize;
    this.#look = look;
    if (hadOwnFont) this.#fontSize = look.preferences.fontSize;
    Object.assign(this.terminal.options, this.#options());
  }

  /** Letters of another size than was chosen, so that a size of others fits. */
  setFont(size: number): void {
    if (this.#fontSize === size) return;
    this.#fontSize = size;
    this.terminal.options.fontSize = size;
  }

  /** One cell with letters of the size that was chosen, once its font is there. */
  cell(): Extent | undefined {
    if (!this.#hasFont) return undefined;
    const screen = this.element.querySelector(".xterm-screen");
    const { width, height } = screen?.getBoundingClientRect() ?? { width: 0, height: 0 };
    if (width === 0 || height === 0) return undefined;
    const scale = this.#look.preferences.fontSize / this.#fontSize;
    const { cols, rows } = this.terminal;
    return { width: (width / cols) * scale, height: (height / rows) * scale };
  }

  /** The colour that text stands on. */
  get background(): string {
    return this.#look.palette.background;
  }

  /** How large it is now. */
  get size(): Size {
    return { cols: this.terminal.cols, rows: this.terminal.rows };
  }

  /** Takes as many rows as fit into a place, and keeps its width. */
  fillRows({ clientHeight }: HTMLElement): void {
    const cell = this.cell();
    if (cell === undefined) return;
    this.resize(this.terminal.cols, Math.max(1, Math.floor(clientHeight / cell.height)));
  }

  write(text: string, done: () => void): void {
    this.terminal.write(text, done);
  }

  resize(cols: number, rows: number): void {
    if (cols !== this.terminal.cols || rows !== this.terminal.rows)
      this.terminal.resize(cols, rows);
  }

  /** Looks for text, from where it was found last; shows how often it is there. */
  search(text: string, options: SearchOptions & { readonly goes: "on" | "back" | "along" }): void {
    if (text === "") {
      this.endSearch();
      return;
    }
    // Once there, it measures the page after each drawing, so that only a terminal that was searched has it.
    this.terminal.options.overviewRuler = { width: BAR_WIDTH };
    const how = searchOptions(options, this.#look.palette);
    try {
      // What was printed last is what people look for, so that a search begins there and goes up.
      if (options.goes === "along") this.terminal.clearSelection();
      if (options.goes === "on") this.#search.findNext(text, how);
      else this.#search.findPrevious(text, how);
    } catch {
      // A pattern that is not finished yet finds nothing.
      this.listener.found(0, 0);
    }
  }

  /** Takes the marks of a search away. */
  endSearch(): void {
    this.#search.clearDecorations();
    this.terminal.clearSelection();
  }

  dispose(): void {
    document.fonts?.removeEventListener("loadingdone", this.#measure);
    this.unmount();
    this.terminal.dispose();
  }

  #options() {
    const { preferences, palette, isCalm, isReadOnly } = this.#look;
    return {
      theme: themeOf(palette),
      fontFamily: fontsOf(preferences),
      fontSize: this.#fontSize,
      lineHeight: preferences.lineHeight,
      cursorStyle: preferences.cursorStyle,
      cursorBlink: preferences.cursorBlinks && !isCalm && !isReadOnly,
      scrollback: preferences.scrollback,
      screenReaderMode: preferences.isForScreenReaders,
      minimumContrastRatio: preferences.raisesContrast ? 4.5 : 1,
      disableStdin: isReadOnly,
    };
  }

  #listen(): void {
    const { terminal, listener } = this;
    terminal.onData((text) => listener.typed(text));
    // Old mouse reports, whose bytes are no text.
    terminal.onBinary((text) => listener.typed(text));
    terminal.attachCustomKeyEventHandler((event) => !listener.takesKey(event));
    terminal.onTitleChange((title) => listener.titled(title));
    terminal.onBell(() => listener.rang());
    terminal.onScroll(() => listener.moved());
    terminal.onRender(() => listener.moved());
    terminal.onSelectionChange(() => listener.selected(terminal.hasSelection()));
    this.#search.onDidChangeResults(({ resultIndex, resultCount }) =>
      listener.found(resultIndex + 1, resultCount),
    );
    passOverQuestions(terminal.parser);
    takeClipboard(terminal.parser, (text) => listener.copied(text));
  }

  /** Cells of a font that stands in for the right one have another size, which programs need not hear of. */
  async #awaitFont(): Promise<void> {
    const { fontSize } = this.#look.preferences;
    const font = `${fontSize}px ${fontsOf(this.#look.preferences)}`;
    const late = new Promise((resolve) => setTimeout(resolve, LATEST_FONT_MS));
    await Promise.race([document.fonts?.load(font).catch(() => {}), late]);
    this.#hasFont = true;
    this.#measure();
    this.listener.measured();
  }

  // Only a change of the font makes it be measured anew.
  readonly #measure = (): void => {
    const fonts = fontsOf(this.#look.preferences);
    this.terminal.options.fontFamily = `${fonts}, serif`;
    this.terminal.options.fontFamily = fonts;
  };
}
