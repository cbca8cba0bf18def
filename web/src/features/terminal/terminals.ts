// The terminals that this page keeps, so that going back to a tab is instant: the newest stay connected, older ones go on
// where they stopped when they are shown again, and the oldest are let go.

/** What is kept. */
export interface Kept {
  /** It is looked at: it is connected, and shows all. */
  show(): void;
  /** It is not looked at, and goes on without being drawn. */
  hide(): void;
  /** It is not looked at for long: it closes its connection, and keeps what it shows. */
  rest(): void;
  dispose(): void;
}

/** How many are kept, and how. */
export interface Limits {
  /** How many that nobody looks at stay connected. */
  readonly mostConnected: number;
  /** How many that nobody looks at are kept at all. */
  readonly mostKept: number;
  /** How long one that nobody looks at stays connected. */
  readonly restAfterMs: number;
}

/** Few enough for a phone, and for the server. */
export const LIMITS: Limits = { mostConnected: 8, mostKept: 16, restAfterMs: 10 * 60_000 };

interface Entry<T> {
  readonly key: string;
  readonly terminal: T;
  isShown: boolean;
  isResting: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** See the top of the file. */
export class Terminals<T extends Kept> {
  /** The one that was looked at last comes last. */
  #entries: Entry<T>[] = [];

  constructor(private readonly limits: Limits = LIMITS) {}

  /** The terminal of this name to look at, kept or made. Two at the same time are two. */
  show(key: string, make: () => T): T {
    const kept = this.#entries.find((entry) => entry.key === key && !entry.isShown);
    const entry = kept ?? {
      key,
      terminal: make(),
      isShown: true,
      isResting: false,
      timer: undefined,
    };
    clearTimeout(entry.timer);
    entry.isShown = true;
    entry.isResting = false;
    this.#entries = [...this.#entries.filter((other) => other !== entry), entry];
    entry.terminal.show();
    return entry.terminal;
  }

  /** Nobody looks at this one any more. */
  hide(terminal: T): void {
    const entry = this.#entries.find((one) => one.terminal === terminal);
    if (entry === undefined) return;
    entry.isShown = false;
    terminal.hide();
    entry.timer = setTimeout(() => this.#rest(entry), this.limits.restAfterMs);
    this.#keepWithin();
  }

  /** Lets all go that are not looked at and have this name: what it stands for is gone. */
  forget(key: string): void {
    for (const entry of this.#entries.filter((one) => one.key === key && !one.isShown)) {
      this.#letGo(entry);
    }
  }

  /** Lets all go. */
  dispose(): void {
    for (const entry of [...this.#entries]) this.#letGo(entry);
  }

  #keepWithin(): void {
    const hidden = this.#entries.filter(({ isShown }) => !isShown).reverse();
    for (const entry of hidden.slice(this.limits.mostConnected)) this.#rest(entry);
    for (const entry of hidden.slice(this.limits.mostKept)) this.#letGo(entry);
  }

  #rest(entry: Entry<T>): void {
    clearTimeout(entry.timer);
    if (entry.isShown || entry.isResting) return;
    entry.isResting = true;
    entry.terminal.rest();
  }

  #letGo(entry: Entry<T>): void {
    clearTimeout(entry.timer);
    this.#entries = this.#entries.filter((other) => other !== entry);
    entry.terminal.dispose();
  }
}
