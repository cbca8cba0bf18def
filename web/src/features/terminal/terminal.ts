// One worker's terminal on this page: what is printed, typed, pasted and sized, from its connection to its screen.

import type { sessionsAndWorkers, WorkerClient } from "pilothouse-client";
import { useConnections } from "@/live/connections";
import { appearanceNow, wantsCalm, watchAppearance } from "./appearance";
import { isSameSize, type Size } from "./backlog";
import { copyText } from "./clipboard";
import { FactStore } from "./facts";
import { Feed } from "./feed";
import { cellsIn, type Extent, fontFor } from "./fitting";
import { Following } from "./following";
import { actionOf, type Held, type ScreenKey, typed } from "./keyboard";
import { isApple } from "./links";
import { LIMITS, usePreferences } from "./preferences";
import type { Scheduler } from "./scheduler";
import { BAR_WIDTH, type Look, Screen, type ScreenListener } from "./screen";
import { Claim } from "./sizing";
import type { Kept } from "./terminals";
import { paletteOf } from "./themes";
import { Typing } from "./typing";

const NOTHING_HELD: Held = { ctrl: false, alt: false };

/** The free room around a terminal, in pixels. */
const EDGE = 6;

/** Room for a megabyte of short lines. */
const READER_SCROLLBACK = 50_000;
const READER_ROWS = 30;

/** What a terminal is given. */
export interface TerminalOptions {
  readonly client: WorkerClient;
  readonly scheduler: Scheduler;
  /** Keys that the page takes everywhere, such as the one that opens the command palette. */
  readonly isReserved?: (event: KeyboardEvent) => boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** What the view that shows a terminal is told. */
export interface Viewing {
  searches(): void;
  leaves(): void;
  rings(): void;
  focused(): void;
}

/** See the top of the file. */
export class WorkerTerminal implements Kept {
  readonly facts = new FactStore();
  readonly screen: Screen;
  readonly typing: Typing;
  readonly #following: Following;
  readonly #feed: Feed;
  readonly #claim = new Claim();
  readonly #ends: (() => void)[];
  #viewing: Viewing | undefined;
  #place: HTMLElement | undefined;
  #observer: ResizeObserver | undefined;
  #letterbox: ReturnType<typeof setTimeout> | undefined;
  #isFocused = false;
  /** Whether not all lines of the terminal fit into the window. */
  #isHigher = false;

  constructor(private readonly options: TerminalOptions) {
    this.screen = new Screen(this.#look(), this.#listener());
    this.#feed = new Feed(this.screen, options.scheduler, () => performance.now());
    const parts = {
      client: options.client,
      feed: this.#feed,
      claim: this.#claim,
      facts: this.facts,
      now: options.now ?? Date.now,
    };
    this.#following = new Following(parts);
    this.typing = new Typing(parts, this.#following, () => this.modes.bracketedPasteMode);
    const wear = () => {
      const look = this.#look();
      if (this.#place !== undefined) this.#place.style.backgroundColor = look.palette.background;
      this.screen.wear(look);
      this.fit();
    };
    const seen = () => (document.hidden ? this.#following.hide() : this.#lookAgain());
    document.addEventListener("visibilitychange", seen);
    this.#ends = [
      usePreferences.subscribe(wear),
      watchAppearance(wear),
      this.facts.subscribe(() => this.#boxLater()),
      () => document.removeEventListener("visibilitychange", seen),
      // When the page has found the server again, nobody waits for the next attempt of this terminal.
      useConnections.subscribe(({ sessions }, before) => {
        const isBack = sessions.is === "open" && before.sessions.is !== "open";
        if (isBack && options.client.state === "waiting") this.retry();
      }),
    ];
  }

  /** Which modes the program has turned on. */
  get modes() {
    return this.screen.terminal.modes;
  }

  /** Puts it into a place of the page and tells the view what it asks for; what is returned takes it out again. */
  mount(place: HTMLElement, viewing: Viewing): () => void {
    this.#place = place;
    this.#viewing = viewing;
    place.style.padding = `${EDGE}px 0 0 ${EDGE}px`;
    place.style.backgroundColor = this.#look().palette.background;
    this.screen.mount(place);
    this.#observer = new ResizeObserver(() => this.fit());
    this.#observer.observe(place);
    // Cells have another size with another font, renderer or screen.
    const cells = this.screen.element.querySelector(".xterm-screen");
    if (cells !== null) this.#observer.observe(cells);
    this.fit();
    const focused = () => this.#setFocused(true);
    const blurred = () => this.#setFocused(false);
    // Once the mouse is up: until then the selection is still being made.
    const selected = () => {
      if (usePreferences.getState().chosen.copiesOnSelect) void this.copy();
    };
    place.addEventListener("mouseup", selected);
    place.addEventListener("focusin", focused);
    place.addEventListener("focusout", blurred);
    return () => {
      place.removeEventListener("mouseup", selected);
      place.removeEventListener("focusin", focused);
      place.removeEventListener("focusout", blurred);
      this.#observer?.disconnect();
      this.#place = undefined;
      this.#viewing = undefined;
      this.screen.unmount();
    };
  }

  show(): void {
    this.#feed.rank = this.#isFocused ? "focused" : "visible";
    if (!document.hidden) this.#following.show();
    this.#decide();
  }

  hide(): void {
    this.#isFocused = false;
    this.#feed.rank = "hidden";
    this.#following.hide();
    this.#decide();
  }

  rest(): void {
    this.#following.rest();
  }

  /** Takes keys. */
  focus(): void {
    this.screen.terminal.focus();
  }

  /** Whether this view only reads. */
  setReadOnly(isReadOnly: boolean): void {
    this.facts.set({ isReadOnly });
    this.screen.wear(this.#look());
    this.#decide();
  }

  /** Whoever types here next has the size. */
  takeOver(): void {
    this.focus();
    this.facts.say("Type to give it the size of this window.");
  }

  /** Tries to connect now. */
  retry(): void {
    this.#following.retry();
  }

  /** A part of what was printed, in bytes since the worker began. */
  history(from: number, to: number): Promise<sessionsAndWorkers.HistoryRange> {
    return this.options.client.historyRange(from, to);
  }

  /** The byte after the last that was told, and the worker's life. */
  get position() {
    return this.options.client.place;
  }

  /** Types what a key on the screen stands for, with what is held beside it. */
  press(key: ScreenKey): void {
    const text = typed(key, this.facts.now().held, this.modes.applicationCursorKeysMode);
    this.facts.set({ held: NOTHING_HELD });
    this.typing.type(text);
    this.screen.terminal.scrollToBottom();
  }

  /** Holds a key on the screen for the next one, or lets it go. */
  hold(key: keyof Held): void {
    const { held } = this.facts.now();
    this.facts.set({ held: { ...held, [key]: !held[key] } });
  }

  /** A screen of the same look and width that is only read. Whoever asks for it disposes of it. */
  reader(listener: Pick<ScreenListener, "found" | "measured">): Screen {
    const nobody = () => {};
    const reader = new Screen(
      { ...this.#look(), isReadOnly: true },
      {
        typed: nobody,
        takesKey: (event) => event.key === "Tab" || event.key === "Escape",
        titled: nobody,
        rang: nobody,
        copied: nobody,
        hovered: nobody,
        moved: nobody,
        ...listener,
        selected: nobody,
      },
    );
    reader.terminal.options.scrollback = READER_SCROLLBACK;
    reader.resize(this.screen.size.cols, READER_ROWS);
    return reader;
  }

  /** Copies what is selected. */
  async copy(): Promise<void> {
    const text = this.screen.terminal.getSelection();
    if (text === "") return;
    const isCopied = await copyText(text);
    this.facts.say(isCopied ? "Copied." : "The browser does not let this page copy.", "plain");
  }

  /** Makes the letters larger or smaller, on this device. */
  zoom(by: number): void {
    const { chosen, choose } = usePreferences.getState();
    const { least, most } = LIMITS.fontSize;
    choose({ fontSize: Math.min(most, Math.max(least, chosen.fontSize + by)) });
  }

  /** Says how many cells fit, if that is to be said. */
  fit(): void {
    const [room, cell] = [this.#room(), this.screen.cell()];
    if (room === undefined || cell === undefined) return;
    const cells = cellsIn(room, cell);
    if (cells === undefined) return;
    this.#following.sayIf(this.#claim.fits(cells));
    this.facts.set({ ownership: this.#claim.ownership });
    if (this.#claim.inForce === undefined) this.screen.resize(cells.cols, cells.rows);
    this.#boxLater();
  }

  dispose(): void {
    clearTimeout(this.#letterbox);
    for (const end of this.#ends) end();
    this.#observer?.disconnect();
    this.typing.dispose();
    this.#following.dispose();
    this.#feed.dispose();
    this.screen.dispose();
  }

  /** Keys go here, or no longer do. */
  #setFocused(isFocused: boolean): void {
    this.#isFocused = isFocused;
    if (this.#feed.rank !== "hidden") this.#feed.rank = isFocused ? "focused" : "visible";
    this.screen.focused(isFocused);
    if (isFocused) this.#viewing?.focused();
  }

  #lookAgain(): void {
    if (this.#feed.rank !== "hidden") this.#following.show();
  }

  #decide(): void {
    const decides = this.#feed.rank !== "hidden" && this.typing.mayType;
    this.#following.sayIf(this.#claim.decides(decides));
  }

  #room(): Extent | undefined {
    if (this.#place === undefined) return undefined;
    const { clientWidth, clientHeight } = this.#place;
    return { width: clientWidth - BAR_WIDTH - EDGE, height: clientHeight - 2 * EDGE };
  }

  /** A size of others is shown whole if letters can be small enough. Answers to one's own size get a moment to come. */
  #boxLater(): void {
    clearTimeout(this.#letterbox);
    this.#letterbox = setTimeout(() => this.#box(), 250);
  }

  #box(): void {
    const wanted = usePreferences.getState().chosen.fontSize;
    const size: Size | undefined = this.#claim.inForce;
    const [room, cell] = [this.#room(), this.screen.cell()];
    if (size === undefined || room === undefined || cell === undefined) return;
    const isOwn = this.#claim.ownership === "mine" && this.typing.mayType;
    const isBoxed = !isOwn && !isSameSize(size, this.#claim.fit);
    const font = isBoxed ? fontFor(size, room, cell, wanted) : wanted;
    this.screen.setFont(font);
    this.screen.element.toggleAttribute("data-is-boxed", isBoxed);
    const scale = font / wanted;
    const isWider = isBoxed && size.cols * cell.width * scale > room.width + 1;
    const isHigher = isBoxed && size.rows * cell.height * scale > room.height + 1;
    this.#scrolls(isWider, isHigher);
  }

  /** What does not fit with the smallest letters is scrolled to; what is printed next is at the bottom. */
  #scrolls(isWider: boolean, isHigher: boolean): void {
    const place = this.#place;
    if (place === undefined) return;
    place.style.overflow = isWider || isHigher ? "auto" : "hidden";
    if (!isWider) place.scrollLeft = 0;
    if (isHigher !== this.#isHigher) place.scrollTop = isHigher ? place.scrollHeight : 0;
    this.#isHigher = isHigher;
  }

  #look(): Look {
    const preferences = usePreferences.getState().chosen;
    return {
      preferences,
      palette: paletteOf(preferences.scheme, appearanceNow()),
      isCalm: wantsCalm(),
      isReadOnly: this.facts.now().isReadOnly || this.facts.now().worker?.mayType === false,
    };
  }

  #listener(): ScreenListener {
    const { facts } = this;
    return {
      typed: (text) => this.#typed(text),
      takesKey: (event) => this.#takesKey(event),
      titled: (title) => facts.set({ title: title.slice(0, 200) }),
      rang: () => {
        if (usePreferences.getState().chosen.bell === "flash") this.#viewing?.rings();
      },
      copied: (text) => {
        if (usePreferences.getState().chosen.programsMayCopy) void copyText(text);
      },
      hovered: (link) => facts.set({ link }),
      found: (at, count) => facts.set({ found: { at, count } }),
      moved: () => this.#moved(),
      measured: () => this.fit(),
      selected: (hasSelection) => {
        facts.set({ hasSelection });
      },
    };
  }

  /** What a real keyboard types while keys are held on the screen is changed by them. */
  #typed(text: string): void {
    const { held } = this.facts.now();
    const isChanged = (held.ctrl || held.alt) && text.length === 1;
    this.typing.type(isChanged ? typed({ kind: "text", text }, held, false) : text);
    if (isChanged) this.facts.set({ held: NOTHING_HELD });
  }

  #moved(): void {
    const { active } = this.screen.terminal.buffer;
    // A terminal that has room left shows all that it was given.
    const isFull = active.baseY >= (this.screen.terminal.options.scrollback ?? 0);
    const hasOlder = active.type === "normal" && (isFull || this.#following.beganLate);
    this.facts.set({
      isAtTop: hasOlder && active.baseY > 0 && active.viewportY === 0,
      isScrolledUp: active.viewportY < active.baseY,
      takesMouse: this.modes.mouseTrackingMode !== "none",
    });
  }

  #takesKey(event: KeyboardEvent): boolean {
    if (this.options.isReserved?.(event) === true) return true;
    const key = isApple() ? event : { ...keyOf(event), metaKey: false };
    const action = actionOf(key, this.screen.terminal.hasSelection());
    if (action === undefined) return false;
    event.preventDefault();
    // The key is also told when it goes up, and as a character.
    if (event.type !== "keydown") return true;
    event.stopPropagation();
    if (action === "copy") void this.copy();
    if (action === "search") this.#viewing?.searches();
    if (action === "leave") this.#viewing?.leaves();
    if (action === "newline") this.typing.type("\n");
    if (action === "larger") this.zoom(1);
    if (action === "smaller") this.zoom(-1);
    return true;
  }
}

const keyOf = ({ key, code, ctrlKey, shiftKey, altKey }: KeyboardEvent) => ({
  key,
  code,
  ctrlKey,
  shiftKey,
  altKey,
});
