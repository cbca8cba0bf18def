// One command's output on a screen: a terminal that only shows. No React; bytes go from the reader to it and nowhere else.

import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import { bytes } from "@/ui/ages";
import { appearanceNow } from "@/ui/palettes";
import { FOUND, outputTheme } from "./colours";
import { Drawing, nextFrame } from "./drawing";
import { Marks, withoutMarks } from "./marks";
import { type Readable, type Reading, readOutput } from "./source";

/** Lines that can be scrolled back to; the file has all of them. */
const SCROLLBACK_LINES = 20_000;
/** How long a line may be while lines are not wrapped. */
const UNWRAPPED_COLUMNS = 500;

/** What the view around a screen shows of it. */
export interface ScreenFacts {
  readonly reading: Reading;
  /** Whether the end is in sight, and stays so. */
  readonly isAtEnd: boolean;
  readonly isEmpty: boolean;
  /** Whether anything was written to stderr. */
  readonly hasErrors: boolean;
  /** Which of how many places that were found is shown, if something is looked for. */
  readonly found: { readonly at: number; readonly of: number } | undefined;
}

/** How a screen begins. */
export const FIRST_FACTS: ScreenFacts = {
  reading: { is: "loading" },
  isAtEnd: true,
  isEmpty: true,
  hasErrors: false,
  found: undefined,
};

/** What a screen is made with. */
export interface ScreenOptions extends Pick<Readable, "rest" | "dashboard" | "commandId"> {
  readonly element: HTMLElement;
  /** Told whenever facts change, which is seldom. */
  readonly onFacts: (facts: ScreenFacts) => void;
}

/** A screen as the view around it uses it. */
export class OutputScreen {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon({ highlightLimit: 1000 });
  readonly #marks = new Marks();
  readonly #drawing: Drawing;
  readonly #ends: (() => void)[] = [];
  #facts = FIRST_FACTS;
  #wraps = true;

  constructor(private readonly options: ScreenOptions) {
    const style = getComputedStyle(options.element);
    this.#terminal = new Terminal({
      allowProposedApi: true,
      convertEol: true,
      cursorBlink: false,
      cursorInactiveStyle: "none",
      disableStdin: true,
      fontFamily: style.getPropertyValue("--font-mono") || "monospace",
      fontSize: 12.5,
      lineHeight: 1.25,
      minimumContrastRatio: 4.5,
      scrollback: SCROLLBACK_LINES,
      theme: outputTheme(),
    });
    const skipped = (characters: number) =>
      this.#note(`${bytes(characters)} came faster than they could be drawn; the file has them`);
    this.#drawing = new Drawing(
      (text, done) => this.#terminal.write(text, done),
      nextFrame,
      skipped,
    );
    this.#mount();
    this.#read();
  }

  /** The next place with this text, or the one before. */
  find(text: string, direction: "next" | "previous", isTyping = false): void {
    if (text === "") {
      this.#search.clearDecorations();
      this.#become({ found: undefined });
      return;
    }
    const { every, active } = FOUND[appearanceNow()];
    const decorations = {
      matchBackground: every,
      matchOverviewRuler: every,
      activeMatchBackground: active,
      activeMatchColorOverviewRuler: active,
    };
    if (direction === "next") {
      this.#search.findNext(text, { decorations, incremental: isTyping });
    } else this.#search.findPrevious(text, { decorations });
  }

  /** The same, once all that was read is drawn. */
  findDrawn(text: string): void {
    void this.#drawing.drawn().then(() => this.find(text, "next"));
  }

  /** Whether long lines go on below. */
  wrap(wraps: boolean): void {
    this.#wraps = wraps;
    this.#size();
  }

  jumpToEnd(): void {
    this.#terminal.scrollToBottom();
    this.#become({ isAtEnd: true });
  }

  dispose(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#terminal.dispose();
  }

  #mount(): void {
    const { element } = this.options;
    const terminal = this.#terminal;
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.#search);
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = "11";
    terminal.loadAddon(new WebLinksAddon((_, url) => open(url, "_blank", "noopener")));
    terminal.open(element);
    terminal.textarea?.setAttribute("aria-label", "Output");
    terminal.textarea?.setAttribute("readonly", "");
    terminal.write("\x1b[?25l");
    // Keys belong to the page, except those that move and copy here.
    terminal.attachCustomKeyEventHandler(() => false);
    const sizes = new ResizeObserver(() => this.#size());
    sizes.observe(element);
    const looks = new MutationObserver(() => {
      terminal.options.theme = outputTheme();
    });
    looks.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const copied = (event: ClipboardEvent) => this.#copied(event);
    element.addEventListener("copy", copied, true);
    const scrolled = terminal.onScroll(() => this.#scrolled());
    const wheeled = () => requestAnimationFrame(() => this.#scrolled());
    element.addEventListener("wheel", wheeled, { passive: true });
    element.addEventListener("touchmove", wheeled, { passive: true });
    const found = this.#search.onDidChangeResults(({ resultIndex, resultCount }) => {
      this.#become({ found: { at: resultIndex + 1, of: resultCount } });
    });
    this.#ends.push(
      () => sizes.disconnect(),
      () => looks.disconnect(),
      () => element.removeEventListener("copy", copied, true),
      () => element.removeEventListener("wheel", wheeled),
      () => element.removeEventListener("touchmove", wheeled),
      () => scrolled.dispose(),
      () => found.dispose(),
    );
    this.#size();
  }

  #read(): void {
    const { rest, dashboard, commandId } = this.options;
    const stop = readOutput({
      rest,
      dashboard,
      commandId,
      show: (shown) => {
        if (shown.kind === "hole") {
          this.#drawing.add(this.#marks.breakLine() + this.#note(shown.words));
          return;
        }
        this.#drawing.add(this.#marks.mark(shown.stream, shown.text));
        const hasErrors = this.#facts.hasErrors || shown.stream === "stderr";
        this.#become({ hasErrors, isEmpty: false });
      },
      become: (reading) => this.#become({ reading }),
      drawn: () => this.#drawing.drawn(),
    });
    this.#ends.push(stop);
  }

  #note(words: string): string {
    return `\x1b[0;2;3m[${words}]\x1b[0m\n`;
  }

  #size(): void {
    const size = this.#fit.proposeDimensions();
    if (size === undefined || !(size.rows > 0) || !(size.cols > 0)) return;
    const cols = this.#wraps ? size.cols : Math.max(size.cols, UNWRAPPED_COLUMNS);
    const isAtEnd = this.#facts.isAtEnd;
    this.#terminal.resize(cols, size.rows);
    if (isAtEnd) this.#terminal.scrollToBottom();
  }

  #scrolled(): void {
    const { viewportY, baseY } = this.#terminal.buffer.active;
    this.#become({ isAtEnd: viewportY >= baseY });
  }

  #copied(event: ClipboardEvent): void {
    if (!this.#terminal.hasSelection()) return;
    event.clipboardData?.setData("text/plain", withoutMarks(this.#terminal.getSelection()));
    event.preventDefault();
    event.stopPropagation();
  }

  #become(change: Partial<ScreenFacts>): void {
    const next = { ...this.#facts, ...change };
    if (isSame(next, this.#facts)) return;
    this.#facts = next;
    this.options.onFacts(next);
  }
}

const isSame = (one: ScreenFacts, other: ScreenFacts): boolean =>
  one.reading === other.reading &&
  one.isAtEnd === other.isAtEnd &&
  one.isEmpty === other.isEmpty &&
  one.hasErrors === other.hasErrors &&
  one.found?.at === other.found?.at &&
  one.found?.of === other.found?.of;
