// A server that does what a test says, without a network: sockets are handed over in memory.

import { vi } from "vitest";
import type { OpenSocket, SocketLike } from "../connection/socket.js";

interface Listeners {
  open: (() => void)[];
  message: ((event: { data: unknown }) => void)[];
  error: ((event: object) => void)[];
  close: ((event: { code: number; reason: string }) => void)[];
}

/** One socket, seen from the server's side. */
export class FakeSocket implements SocketLike {
  bufferedAmount = 0;
  /** What the client said, in order. */
  readonly heard: unknown[] = [];
  /** The code with which the client closed it. */
  closedWith: number | undefined;
  readonly #listeners: Listeners = { open: [], message: [], error: [], close: [] };
  #isOver = false;

  constructor(
    readonly url: string,
    readonly protocols: string[],
    readonly headers: Record<string, string>,
  ) {}

  /** The token that the client showed as a subprotocol. */
  get token(): string | undefined {
    return this.protocols.find((name) => name.startsWith("bearer."))?.slice("bearer.".length);
  }

  /** The handshake succeeds. */
  accept(): void {
    for (const listener of this.#listeners.open) listener();
  }

  /** The handshake fails, as a library sees it that knows the status, or as a browser does. */
  refuse(status?: number): void {
    const event = status === undefined ? {} : { message: `Unexpected server response: ${status}` };
    for (const listener of this.#listeners.error) listener(event);
    this.end(1006);
  }

  say(...messages: readonly object[]): void {
    for (const message of messages) this.sayText(JSON.stringify(message));
  }

  sayText(data: unknown): void {
    if (!this.#isOver) for (const listener of this.#listeners.message) listener({ data });
  }

  /** The server closes, or the network does (1006). */
  end(code = 1006, reason = ""): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const listener of this.#listeners.close) listener({ code, reason });
  }

  send(text: string): void {
    const message: unknown = JSON.parse(text);
    this.heard.push(message);
  }

  close(code = 1005): void {
    this.closedWith = code;
  }

  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "error", listener: (event: object) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { code: number; reason: string }) => void,
  ): void;
  addEventListener<Name extends keyof Listeners>(
    type: Name,
    listener: Listeners[Name][number],
  ): void {
    const listeners: Listeners[Name][number][] = this.#listeners[type];
    listeners.push(listener);
  }
}

/** Everybody who knocked. */
export class FakeServer {
  readonly sockets: FakeSocket[] = [];

  readonly open: OpenSocket = (url, protocols, headers) => {
    const socket = new FakeSocket(url, protocols, headers);
    this.sockets.push(socket);
    return socket;
  };

  /** What a client of it is given. */
  get options() {
    return { server: "http://fake", openSocket: this.open, random: () => 0.5 };
  }

  /** The socket that knocked last, `count` of them having knocked by now. */
  async knocked(count: number): Promise<FakeSocket> {
    await settle();
    // A wait of nothing that begins while time goes on takes a millisecond.
    if (this.sockets.length < count) await vi.advanceTimersByTimeAsync(1);
    const socket = this.sockets.at(-1);
    if (socket === undefined || this.sockets.length !== count) {
      throw new Error(`${this.sockets.length} sockets knocked, not ${count}`);
    }
    return socket;
  }
}

/** Lets everything happen that waits for no time. */
export const settle = () => vi.advanceTimersByTimeAsync(0);
