// Tells a connection that says nothing from one that is dead.

/** When life signs are sent, and after how much silence the other side counts as dead. */
export interface HeartbeatPlan {
  /** How often a life sign is sent; with `onlyInSilence`, only when nothing was heard for so long. */
  readonly everyMs: number;
  /** After so much silence it is over. */
  readonly deadAfterMs: number;
  /** For doors where the server itself speaks often enough, or where a life sign costs it something. */
  readonly onlyInSilence: boolean;
}

/** How long an answer may take to a life sign that is sent because a machine has just woken up. */
const PROBE_MS = 5000;

/** Counts the silence of one connection at a time. */
export class Heartbeat {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heardAt = 0;
  #beatAt = 0;
  #deadAt = Number.POSITIVE_INFINITY;
  #wasSetByTimer = false;

  constructor(
    private readonly plan: HeartbeatPlan,
    /** Sends a life sign. */
    private readonly beat: () => void,
    /** It is over. */
    private readonly dead: () => void,
    private readonly now: () => number,
  ) {}

  /** A connection begins. */
  start(): void {
    this.#beatAt = this.now();
    this.heard();
    this.#wait();
  }

  /** Something came in. */
  heard(): void {
    this.#heardAt = this.now();
    this.#deadAt = this.#heardAt + this.plan.deadAfterMs;
    // Browsers let timers of hidden pages that set each other fire once a minute, which is too late for a life
    // sign. One that is set because a message came is not held back like that.
    if (this.#wasSetByTimer) this.#wait();
  }

  /** Asks for a life sign now, and does not wait long for it. */
  probe(): void {
    // Where nothing is answered, silence is no sign of death.
    if (this.#timer === undefined || this.plan.deadAfterMs === Number.POSITIVE_INFINITY) return;
    this.#send();
    this.#deadAt = Math.min(this.#deadAt, this.now() + PROBE_MS);
    this.#wait();
  }

  /** The connection is over. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wasSetByTimer = false;
  }

  #send(): void {
    this.#beatAt = this.now();
    this.beat();
  }

  #nextBeat(): number {
    const since = this.plan.onlyInSilence ? Math.max(this.#beatAt, this.#heardAt) : this.#beatAt;
    return since + this.plan.everyMs;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#wasSetByTimer = false;
    const next = Math.min(this.#nextBeat(), this.#deadAt) - this.now();
    this.#timer = setTimeout(() => this.#turn(), Math.max(0, next));
  }

  #turn(): void {
    if (this.now() >= this.#deadAt) {
      this.stop();
      this.dead();
      return;
    }
    if (this.now() >= this.#nextBeat()) this.#send();
    // Sending may have found out that it is over.
    if (this.#timer === undefined) return;
    this.#wait();
    this.#wasSetByTimer = true;
  }
}
