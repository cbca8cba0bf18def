// The few small facts of a terminal that are shown beside it. What it prints is not among them.

import type { ConnectionState, sessionsAndWorkers, Viewer } from "pilothouse-client";
import type { Size } from "./backlog";
import type { Held } from "./keyboard";
import type { Ownership } from "./sizing";

/** Why a terminal will not come back by itself. */
export interface Ending {
  readonly kind: "gone" | "refused" | "closed";
  readonly message: string;
}

/** Something to say for a while. */
export interface Notice {
  /** Counts, so that the same words can be said twice. */
  readonly number: number;
  readonly tone: "plain" | "warning";
  readonly text: string;
}

/** How many places have what is searched for; `at` counts from 1, and is 0 if none is shown. */
export interface Found {
  readonly at: number;
  readonly count: number;
}

/** What is known of a terminal. */
export interface Facts {
  readonly connection: ConnectionState;
  /** Since when there is no connection, in milliseconds since 1970. */
  readonly awaySince: number | undefined;
  readonly ending: Ending | undefined;
  readonly worker: sessionsAndWorkers.AttachedWorker | undefined;
  readonly exit: sessionsAndWorkers.Exit | undefined;
  /** Who is in front of it, as far as they are named, and how many there are. */
  readonly viewers: readonly Viewer[];
  readonly viewerCount: number;
  readonly size: Size | undefined;
  readonly ownership: Ownership;
  readonly isReadOnly: boolean;
  readonly title: string;
  /** How many bytes were not shown, because they came faster than they can be. */
  readonly skippedBytes: number;
  /** Whether it waits to catch up. */
  readonly isCatchingUp: boolean;
  /** Whether somebody typed while nothing could be sent. */
  readonly typedInVain: boolean;
  readonly notice: Notice | undefined;
  /** Whether the oldest line that is kept is in sight. */
  readonly isAtTop: boolean;
  /** Whether newer lines are out of sight. */
  readonly isScrolledUp: boolean;
  readonly hasSelection: boolean;
  /** Whether the program takes the mouse, so that Shift is needed to select. */
  readonly takesMouse: boolean;
  /** The address under the mouse. */
  readonly link: string | undefined;
  readonly found: Found | undefined;
  /** Several lines that were pasted and would run at once; they wait for a yes. */
  readonly pasted: string | undefined;
  /** Keys on the screen that change the next key. */
  readonly held: Held;
}

/** What is known of a terminal that was not connected yet. */
export const FIRST_FACTS: Facts = {
  connection: "idle",
  awaySince: undefined,
  ending: undefined,
  worker: undefined,
  exit: undefined,
  viewers: [],
  viewerCount: 0,
  size: undefined,
  ownership: "nobody's",
  isReadOnly: false,
  title: "",
  skippedBytes: 0,
  isCatchingUp: false,
  typedInVain: false,
  notice: undefined,
  isAtTop: false,
  isScrolledUp: false,
  hasSelection: false,
  takesMouse: false,
  link: undefined,
  found: undefined,
  pasted: undefined,
  held: { ctrl: false, alt: false },
};

/** Keeps facts and tells who looks at them of changes, as `useSyncExternalStore` wants it. */
export class FactStore {
  #facts = FIRST_FACTS;
  readonly #lookers = new Set<() => void>();

  /** The facts as they are; the same object until something changes. */
  readonly now = (): Facts => this.#facts;

  /** Calls `looker` after changes, from now on; what is returned ends that. */
  readonly subscribe = (looker: () => void): (() => void) => {
    this.#lookers.add(looker);
    return () => this.#lookers.delete(looker);
  };

  /** Changes facts. Nobody is told of what stays as it is. */
  set(changes: Partial<Facts>): void {
    const next = { ...this.#facts, ...changes };
    const isSame = keysOf(changes).every((key) => Object.is(next[key], this.#facts[key]));
    if (isSame) return;
    this.#facts = next;
    for (const looker of [...this.#lookers]) looker();
  }

  /** Says something for a while. */
  say(text: string, tone: Notice["tone"] = "plain"): void {
    const number = (this.#facts.notice?.number ?? 0) + 1;
    this.set({ notice: { number, tone, text } });
  }
}

function keysOf(changes: Partial<Facts>): (keyof Facts)[] {
  const isFact = (key: string): key is keyof Facts => key in FIRST_FACTS;
  return Object.keys(changes).filter(isFact);
}
