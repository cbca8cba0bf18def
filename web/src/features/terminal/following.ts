// Follows a worker over its connection into a feed. A viewer that cannot keep up is shown the screen as it is, now and then.

import {
  DisposedError,
  GoneError,
  type PilothouseError,
  type Shown,
  TokenRefusedError,
  type Viewer,
  type WorkerClient,
} from "pilothouse-client";
import type { Ending, FactStore } from "./facts";
import { type Feed, MOST_WAITING } from "./feed";
import type { Claim, Ownership } from "./sizing";

/** What a terminal is put together from. */
export interface Parts {
  readonly client: WorkerClient;
  readonly feed: Feed;
  readonly claim: Claim;
  readonly facts: FactStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A screen that cannot be kept up with is asked for anew at most this often: each time is another connection. */
const AFRESH_EVERY_MS = 2000;

/** What fell behind so lately will fall behind again, */
const FLOODS_FOR_MS = 10_000;
/** so that no more than this is taken of it: the rest would be read for nothing. */
export const MOST_OF_FLOOD = 128 * 1024;

/** How long whoever had the size has to come back after all were away. */
const UNOWNED_MS = 10_000;
/** How long an agent has to take a size that was said. */
const UNHEARD_MS = 2000;

const NOBODY: readonly Viewer[] = [];

/** See the top of the file. */
export class Following {
  /** Whether somebody looks at it. */
  #isShown = false;
  /** Whether output was dropped, so that only the whole screen helps. */
  #isStale = false;
  #skippedFrom: number | undefined;
  #beganLate = false;
  #lastAfresh = Number.NEGATIVE_INFINITY;
  #lastBehind = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unowned: ReturnType<typeof setTimeout> | undefined;
  readonly #ends: (() => void)[];

  constructor(private readonly parts: Parts) {
    const { client, facts } = parts;
    this.#ends = [
      client.on("state", () => this.#stateChanged()),
      client.on("output", (shown) => this.#take(shown)),
      client.on("worker", (worker) => {
        const isOtherLife = facts.now().worker?.epoch !== worker.epoch;
        facts.set(
          worker.state !== "ended" || isOtherLife ? { worker, exit: undefined } : { worker },
        );
        if (!worker.mayType) parts.claim.decides(false);
        const size = { cols: worker.cols, rows: worker.rows };
        this.sayIf(parts.claim.connected(size));
        this.#sized(size);
      }),
      client.on("resized", (size) => {
        parts.claim.resized(size);
        this.#sized(size);
      }),
      client.on("viewers", ({ viewers, total }) => {
        facts.set({ viewers, viewerCount: total });
        this.#owned(viewers.find(({ ownsSize }) => ownsSize));
      }),
      client.on("exit", (exit) => facts.set({ exit })),
      client.on("closed", (error) => facts.set({ ending: endingOf(error) })),
    ];
  }

  /** Whether what is shown does not begin where the worker's output does. */
  get beganLate(): boolean {
    return this.#beganLate;
  }

  /** Somebody looks at it: it is connected, and shows what it missed. */
  show(): void {
    this.#isShown = true;
    const { client } = this.parts;
    if (this.#isStale) this.#afreshWhenDue();
    else if (client.state === "idle") client.reconnect();
  }

  /** Nobody looks at it any more. */
  hide(): void {
    this.#isShown = false;
    if (this.#isStale) this.rest();
  }

  /** Closes the connection until somebody looks again. */
  rest(): void {
    clearTimeout(this.#timer);
    this.parts.client.pause();
  }

  /** Somebody cannot wait for the screen: what they type is sent as soon as there is a connection. */
  hurry(): void {
    if (this.#isStale && this.parts.client.state === "idle") this.#afresh();
  }

  /** Tries now, also after it was over. */
  retry(): void {
    this.parts.facts.set({ ending: undefined });
    this.parts.client.reconnect();
  }

  /** Says a size, if there is one to say. */
  sayIf(size: { readonly cols: number; readonly rows: number } | undefined): void {
    if (size !== undefined) this.parts.client.resize(size.cols, size.rows);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#unowned);
    for (const end of this.#ends) end();
    this.parts.client.dispose();
  }

  #stateChanged(): void {
    const { client, claim, facts, now } = this.parts;
    const connection = client.state;
    if (connection === "open") {
      facts.set({ connection, awaySince: undefined, ending: undefined, typedInVain: false });
      return;
    }
    // Whether to say a size after coming back is decided then.
    client.withdrawSize();
    claim.lost();
    clearTimeout(this.#unowned);
    const isAway = connection === "waiting" || connection === "connecting";
    const wasThere = facts.now().connection === "open";
    const awaySince = facts.now().awaySince ?? (wasThere && isAway ? now() : undefined);
    const isKept = connection !== "idle";
    facts.set({ connection, awaySince: isKept ? awaySince : undefined });
    // Whoever catches up is back in a moment, and so is what is known of the others.
    if (!facts.now().isCatchingUp) facts.set({ viewers: NOBODY, viewerCount: 0 });
  }

  #sized(size: { readonly cols: number; readonly rows: number }): void {
    const { claim, facts, feed } = this.parts;
    feed.resize(size);
    facts.set({ size, ownership: claim.ownership });
  }

  /** Whoever had the size comes first when all come back; a size that nobody takes is for whoever looks. */
  #owned(owner: Viewer | undefined): void {
    const { claim, facts } = this.parts;
    clearTimeout(this.#unowned);
    const settle = (ownership: Ownership) => {
      this.sayIf(claim.knows(ownership));
      facts.set({ ownership: claim.ownership });
    };
    if (owner !== undefined) settle(owner.isYou ? "mine" : "another's");
    else {
      const waitMs = claim.isClaimed ? UNHEARD_MS : UNOWNED_MS;
      this.#unowned = setTimeout(() => settle("nobody's"), waitMs);
    }
  }

  #take({ data, replaces, startOffset }: Shown): void {
    const { feed } = this.parts;
    if (replaces) {
      this.#caughtUp(startOffset);
      this.#beganLate = (startOffset ?? 0) > 0;
      feed.replace(data);
    } else if (!this.#isStale && !feed.push(data, this.#most())) {
      this.#fallBehind(startOffset);
    }
  }

  /** How many characters may wait. */
  #most(): number {
    const isFlood = this.parts.now() - this.#lastBehind < FLOODS_FOR_MS;
    return isFlood ? MOST_OF_FLOOD : MOST_WAITING;
  }

  /** Too much waits: all of it is dropped, and the connection closed until the screen can be asked for. */
  #fallBehind(from: number | undefined): void {
    const { client, feed, facts } = this.parts;
    const dropped = feed.drop();
    if (from !== undefined) this.#skippedFrom ??= Math.max(0, from - dropped);
    this.#isStale = true;
    this.#lastBehind = this.parts.now();
    facts.set({ isCatchingUp: true });
    client.pause();
    if (this.#isShown) this.#afreshWhenDue();
  }

  #afreshWhenDue(): void {
    clearTimeout(this.#timer);
    const waitMs = this.#lastAfresh + AFRESH_EVERY_MS - this.parts.now();
    this.#timer = setTimeout(() => this.#afresh(), Math.max(0, waitMs));
  }

  #afresh(): void {
    // A page that nobody sees draws nothing; it is asked for when somebody looks.
    if (!this.#isShown) return;
    clearTimeout(this.#timer);
    this.#lastAfresh = this.parts.now();
    this.parts.client.startAfresh();
  }

  #caughtUp(at: number | undefined): void {
    const { facts } = this.parts;
    const skipped =
      at === undefined || this.#skippedFrom === undefined ? 0 : Math.max(0, at - this.#skippedFrom);
    this.#isStale = false;
    this.#skippedFrom = undefined;
    facts.set({ isCatchingUp: false, skippedBytes: facts.now().skippedBytes + skipped });
  }
}

function endingOf(error: PilothouseError): Ending | undefined {
  if (error instanceof DisposedError) return undefined;
  const { message } = error;
  if (error instanceof GoneError) return { kind: "gone", message };
  if (error instanceof TokenRefusedError) return { kind: "refused", message };
  return { kind: "closed", message };
}
