// One worker's terminal on this page: what is printed, typed, pasted and sized, from its connection to its screen.

import type { sessionsAndWorkers, WorkerClient } from "pilothouse-client";
import { useConnections } from "@/live/connections";
import { copyText, pastedText } from "@/ui/clipboard";
import { appearanceNow, wantsCalm, watchAppearance } from "./appearance";
import type { Size } from "./backlog";
import { FactStore } from "./facts";
import { Feed } from "./feed";
import { Following } from "./following";
import { actionOf, type Held, type ScreenKey, typed } from "./keyboard";
import { isApple } from "./links";
import { Placing } from "./placing";
import { LIMITS, usePreferences } from "./preferences";
import type { Scheduler } from "./scheduler";
import { type Look, Screen, type ScreenListener } from "./screen";
import { Claim } from "./sizing";
import type { Kept } from "./terminals";
import { paletteOf } from "./themes";
import { Typing } from "./typing";

const NOTHING_HELD: Held = { ctrl: false, alt: false };

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
  readonly #placing: Placing;
  readonly #claim = new Claim();
  readonly #ends: (() => void)[];
  #viewing: Viewing | undefined;
  #isFocused = false;

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
    const fitted = (cells: Size) => {
      this.#following.sayIf(this.#claim.fits(cells));
      this.facts.set({ ownership: this.#claim.ownership });
    };
    const mayDecide = () => this.typing.mayType;
    this.#placing = new Placing(this.screen, this.#claim, fitted, mayDecide);
    const wear = () => {
      this.screen.wear(this.#look());
      this.#placing.paint();
      this.#placing.fit();
    };
    const seen = () => (document.hidden ? this.#following.hide() : this.#lookAgain());
    document.addEventListener("visibilitychange", seen);
    this.#ends = [
      usePreferences.subscribe(wear),
      watchAppearance(wear),
      this.#boxOnChange(),
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
    this.#viewing = viewing;
    const unmount = this.#placing.mount(place);
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
      this.#viewing = undefined;
      unmount();
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

  /** Scrolls to what was printed last. */
  toNewest(): void {
    this.screen.terminal.scrollToBottom();
    this.focus();
  }

  /** Lets the keyboard on the screen go. */
  hideKeyboard(): void {
    this.screen.terminal.blur();
  }

  /** Pastes what is in the clipboard, if the browser tells that. */
  async pasteClipboard(): Promise<void> {
    const text = await pastedText();
    if (text !== undefined) this.typing.paste(text);
    else this.facts.say("The browser does not let this page paste. Hold the terminal and paste.");
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

  dispose(): void {
    for (const end of this.#ends) end();
    this.#placing.dispose();
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

  /** What decides how a size of others is shown changes seldom; the other facts of a flood many times a second. */
  #boxOnChange(): () => void {
    let last = this.facts.now();
    return this.facts.subscribe(() => {
      const { size, ownership, worker, isReadOnly } = this.facts.now();
      const isSame =
        size === last.size &&
        ownership === last.ownership &&
        worker === last.worker &&
        isReadOnly === last.isReadOnly;
      last = this.facts.now();
      if (!isSame) this.#placing.boxLater();
    });
  }

  #lookAgain(): void {
    if (this.#feed.rank !== "hidden") this.#following.show();
  }

  #decide(): void {
    const decides = this.#feed.rank !== "hidden" && this.typing.mayType;
    this.#following.sayIf(this.#claim.decides(decides));
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
      measured: () => this.#placing.fit(),
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
