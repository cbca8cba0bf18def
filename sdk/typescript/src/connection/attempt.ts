// One socket from knocking to its end, which is told exactly once.

import { DisposedError, SetupError } from "../errors.js";
import { knock, type ShownPlace } from "./address.js";
import { type OpenSocket, openSocket, type SocketLike } from "./socket.js";
import type { TokenKeeper } from "./token.js";

/** How a socket ended. */
export interface Loss {
  /** The close code; 1006 if there was none. */
  readonly code: number;
  /** In words, for people. */
  readonly reason: string;
  /** Whether the handshake had succeeded. */
  readonly wasOpen: boolean;
  /** Why another attempt would end in the same way, if that is so. */
  readonly error?: SetupError;
}

/** What an attempt needs. */
export interface AttemptPlan {
  readonly server: string;
  readonly path: () => string;
  readonly token: TokenKeeper;
  readonly tokenPlace: ShownPlace;
  readonly open: OpenSocket;
  readonly timeoutMs: number;
}

/** Who is told. */
export interface AttemptListener {
  /** The handshake succeeded; with the token that this attempt has. */
  opened(token: string | undefined): void;
  said(message: string | Uint8Array): void;
  lost(loss: Loss): void;
}

/** A socket takes this much that the network does not; beyond that sending is refused. */
const MOST_BUFFERED = 16 * 1024 * 1024;

/** One socket. */
export class Attempt {
  #socket: SocketLike | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #wasOpen = false;

  constructor(
    private readonly plan: AttemptPlan,
    private readonly listener: AttemptListener,
  ) {
    this.#timer = setTimeout(() => this.end("the server did not answer in time"), plan.timeoutMs);
    void this.#open();
  }

  /** The server has greeted: there is no hurry any more. */
  greeted(): void {
    clearTimeout(this.#timer);
  }

  /** Whether the socket takes another message. */
  get canSend(): boolean {
    return this.#socket !== undefined && this.#socket.bufferedAmount < MOST_BUFFERED;
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  /** Closes the socket and tells that it is lost, without waiting for the other side. */
  end(reason: string, code = 1006): void {
    this.#tellLost({ code, reason, wasOpen: this.#wasOpen });
    this.#socket?.close(4000, "");
  }

  /** Closes the socket and tells nothing. */
  abandon(): void {
    clearTimeout(this.#timer);
    this.#isOver = true;
    this.#socket?.close(1000, "");
  }

  async #open(): Promise<void> {
    try {
      const token = await this.plan.token.current();
      if (!this.#isOver) this.#knock(token);
    } catch (error) {
      // There is no token to be had now; there may be one later.
      this.#tellLost({ code: 1006, reason: words(error), wasOpen: false });
    }
  }

  #knock(token: string | undefined): void {
    const { plan } = this;
    try {
      const to = knock(plan.server, plan.path(), token, plan.tokenPlace);
      this.#socket = openSocket(plan.open, to, {
        opened: () => {
          this.#wasOpen = true;
          if (!this.#isOver) this.listener.opened(token);
        },
        said: (message) => {
          if (!this.#isOver) this.listener.said(message);
        },
        closed: (code, reason) => this.#tellLost({ code, reason, wasOpen: this.#wasOpen }),
      });
    } catch (error) {
      const reason = `the socket cannot be opened: ${words(error)}`;
      const loss = { code: 1006, reason, wasOpen: false, error: new SetupError(reason) };
      this.#tellLost(loss);
    }
  }

  #tellLost(loss: Loss): void {
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    this.#isOver = true;
    this.listener.lost(loss);
  }
}

/** What is told to whoever waits when a client is disposed of. */
export const disposed = (): DisposedError => new DisposedError("the client was disposed of");

const words = (error: unknown) => (error instanceof Error ? error.message : String(error));
