// Shows a newer token over the open connection before the present one ends.

import type { TokenKeeper, TokenReason } from "../../connection/token.js";

/** How long to wait before a token is asked for again when there was none to be had. */
const AGAIN_MS = 5000;
/** A token is not replaced more often than this, whatever it says of itself. */
const SHORTEST_MS = 500;
/** Timers take no longer waits; a renewal that is too early does no harm. */
const LONGEST_MS = 2 ** 31 - 1;

/** Works only where tokens come from a callback. */
export class Renewal {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #connection = 0;

  constructor(
    private readonly keeper: TokenKeeper,
    private readonly show: (token: string) => void,
    private readonly now: () => number,
  ) {}

  /** A connection begins: its token is replaced when four fifths of its time are over. */
  start(): void {
    this.stop();
    const end = this.keeper.expiresAt;
    if (!this.keeper.canRenew || end === undefined) return;
    const wait = Math.max(SHORTEST_MS, (end - this.now()) * 0.8);
    this.#wait(Math.min(LONGEST_MS, wait), "expired");
  }

  /** The server says that the token does not count any more. */
  begin(): void {
    if (this.keeper.canRenew) void this.#renew("refused");
  }

  stop(): void {
    this.#connection += 1;
    clearTimeout(this.#timer);
  }

  #wait(ms: number, reason: TokenReason): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#renew(reason), ms);
  }

  async #renew(reason: TokenReason): Promise<void> {
    const connection = this.#connection;
    try {
      const token = await this.keeper.renew(reason);
      if (connection !== this.#connection || token === undefined) return;
      this.show(token);
      this.start();
    } catch {
      if (connection === this.#connection) this.#wait(AGAIN_MS, reason);
    }
  }
}
