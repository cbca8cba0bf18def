// Who of many terminals may write how much in one frame, so that floods neither freeze the page nor starve anybody.

/** How much a terminal matters now. */
export type Rank = "focused" | "visible" | "hidden";

/** A terminal that is written to. */
export interface Writable {
  readonly rank: Rank;
  /** How many characters wait to be written. */
  readonly waiting: number;
  /** Whether what was written last is still being read. */
  readonly isBusy: boolean;
  /** How many characters it reads in a millisecond, as measured. */
  readonly speed: number;
  /** Writes at most so many of what waits. */
  write(most: number): void;
  /** Writes all that waits at once, for few characters that somebody waits for. */
  writeNow(): void;
}

/** One terminal's part of a frame. */
export interface Slice<W extends Writable> {
  readonly to: W;
  readonly most: number;
}

/** What all terminals together may spend on reading in one frame. */
const BUDGET_MS = 8;
/** What hidden terminals get of that while others are looked at. */
const HIDDEN_MS = 2;
/** Less than this is not worth a turn. */
const LEAST = 1024;
/** More than this at once could be slow to read although what came before was not. */
const MOST = 64 * 1024;
/** An answer to a key is shorter than this. */
const SHORT = 2048;
/** A frame that took longer was too much for this machine, */
const SLOW_MS = 45;
/** and after one that was shorter there may be more. */
const QUICK_MS = 25;

/** Shares one frame out: the focused terminal first, then `widest` visible ones beginning at `turn`, then hidden ones. */
export function shareOut<W extends Writable>(
  all: readonly W[],
  { turn, widest }: { readonly turn: number; readonly widest: number },
): Slice<W>[] {
  const ready = all.filter((one) => one.waiting > 0 && !one.isBusy);
  const focused = ready.filter(({ rank }) => rank === "focused");
  const visible = rotated(
    ready.filter(({ rank }) => rank === "visible"),
    turn,
  );
  const looked = [...focused, ...visible].slice(0, widest);
  const hidden = rotated(
    ready.filter(({ rank }) => rank === "hidden"),
    turn,
  ).slice(0, 2);
  const slices = shares(looked, BUDGET_MS);
  const spent = slices.reduce(
    (sum, { to, most }) => sum + Math.min(most, to.waiting) / to.speed,
    0,
  );
  const left = Math.min(BUDGET_MS - spent, looked.length > 0 ? HIDDEN_MS : BUDGET_MS);
  return left > 0 ? [...slices, ...shares(hidden, left)] : slices;
}

/** What one does not need of its share is for those behind it. */
function shares<W extends Writable>(all: readonly W[], budgetMs: number): Slice<W>[] {
  let left = budgetMs;
  let weights = all.reduce((sum, one) => sum + weight(one), 0);
  return all.map((to) => {
    const share = (left * weight(to)) / weights;
    weights -= weight(to);
    const most = Math.min(MOST, Math.max(LEAST, Math.floor(share * to.speed)));
    left = Math.max(0, left - Math.min(most, to.waiting) / to.speed);
    return { to, most };
  });
}

const weight = ({ rank }: Writable) => (rank === "focused" ? 3 : 1);

const rotated = <T>(all: readonly T[], by: number): T[] => {
  const start = all.length === 0 ? 0 : by % all.length;
  return [...all.slice(start), ...all.slice(0, start)];
};

/** How many terminals a frame may write to, after one that took `tookMs` beside `last` of them. */
export function nextWidth(last: number, tookMs: number, most: number): number {
  // A page that nobody saw was not drawn for long; that says nothing of the machine.
  if (tookMs > 1000) return last;
  if (tookMs > SLOW_MS) return Math.max(1, Math.floor(last / 2));
  return tookMs < QUICK_MS ? Math.min(most, last + 1) : last;
}

/** Writes to all terminals of the page, frame by frame, as long as something waits. */
export class Scheduler {
  readonly #all = new Set<Writable>();
  #turn = 0;
  #width = 4;
  #isAsked = false;
  #lastFrame: number | undefined;
  #hasHurried = false;

  constructor(private readonly requestFrame: (callback: (now: number) => void) => unknown) {}

  /** From now on this terminal is written to; what is returned ends that. */
  add(one: Writable): () => void {
    this.#all.add(one);
    return () => this.#all.delete(one);
  }

  /** Something waits. What is short and awaited does not wait for the frame, once in each. */
  wake(one: Writable): void {
    if (one.rank === "focused" && !this.#hasHurried && !one.isBusy && one.waiting <= SHORT) {
      this.#hasHurried = true;
      one.writeNow();
    }
    this.#ask();
  }

  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.requestFrame((now) => this.#frame(now));
  }

  #frame(now: number): void {
    this.#isAsked = false;
    this.#hasHurried = false;
    const tookMs = this.#lastFrame === undefined ? undefined : now - this.#lastFrame;
    if (tookMs !== undefined) this.#width = nextWidth(this.#width, tookMs, this.#all.size);
    for (const { to, most } of shareOut([...this.#all], {
      turn: this.#turn,
      widest: this.#width,
    })) {
      to.write(most);
    }
    this.#turn += Math.max(1, this.#width - 1);
    const goesOn = [...this.#all].some(({ waiting, isBusy }) => waiting > 0 || isBusy);
    this.#lastFrame = goesOn ? now : undefined;
    if (goesOn) this.#ask();
  }
}
