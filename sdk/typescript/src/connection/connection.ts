// A connection that comes back: idle → connecting → open → waiting → connecting … → closed.

import {
  AwayError,
  ClosedError,
  DisposedError,
  GaveUpError,
  type PilothouseError,
  QueueFullError,
  TokenRefusedError,
} from "../errors.js";
import { Attempt, disposed, type Loss } from "./attempt.js";
import { type Backoff, waitMs } from "./backoff.js";
import { afterClose, isRefusal, type Return, SCATTER_MS } from "./codes.js";
import { Emitter } from "./events.js";
import { Heartbeat } from "./heartbeat.js";
import type { ConnectionOptions, Protocol } from "./options.js";
import { Outbox } from "./outbox.js";
import { openGlobalSocket } from "./socket.js";
import { TokenKeeper } from "./token.js";
import { onWakeUp } from "./wakeups.js";

/** How a connection is. `closed` is for good, unless somebody calls `reconnect`. */
export type ConnectionState = "idle" | "connecting" | "open" | "waiting" | "closed";

/** An attempt to come back. */
export interface Waiting {
  /** Counts from 1 since the connection worked. */
  readonly attempt: number;
  /** How long it is waited before it. */
  readonly waitMs: number;
  /** Why there is no connection, in words. */
  readonly reason: string;
  /** So many attempts failed that a person should be offered to reconnect by hand. */
  readonly offersManual: boolean;
}

/** What a connection tells. */
export interface ConnectionEvents<In, Out> {
  state: ConnectionState;
  /** There is a connection; what waited is sent right after this. */
  open: undefined;
  message: In;
  /** Something of a later version, or nothing that can be read. */
  unknown: string;
  /** An open connection was lost. */
  lost: Loss;
  waiting: Waiting;
  /** It is over, and why. */
  closed: PilothouseError;
  /** A message that waited gave way to newer ones. */
  dropped: Out;
}

/** The close code of a token that does not count. */
const REFUSED = 1008;

/** So many tokens in a row that are refused at once are enough. */
const MOST_REFUSALS = 3;

/** See the top of the file. */
export class Connection<In, Out> {
  readonly events = new Emitter<ConnectionEvents<In, Out>>();
  readonly token: TokenKeeper;
  #state: ConnectionState = "idle";
  #attempt: Attempt | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #refusals = 0;
  #openedAt = 0;
  #over: PilothouseError | undefined;
  #ignoreWakeUps: (() => void) | undefined;
  readonly #outbox: Outbox<Out>;
  readonly #heartbeat: Heartbeat;
  readonly #backoff: Backoff;
  readonly #now: () => number;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly protocol: Protocol<In, Out>,
  ) {
    this.#now = options.now ?? Date.now;
    this.#backoff = { ...protocol.backoff, ...options.backoff };
    this.token = new TokenKeeper(options.token, this.#now);
    const most = options.mostWaiting ?? protocol.mostWaiting;
    const overflow = options.overflow ?? "refuse-newest";
    this.#outbox = new Outbox({ most, overflow }, (message) =>
      this.events.emit("dropped", message),
    );
    const dead = () => this.#attempt?.end("the server said nothing for too long");
    this.#heartbeat = new Heartbeat(protocol.heartbeat, protocol.beat, dead, this.#now);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** How many attempts were made since the connection worked. */
  get failures(): number {
    return this.#failures;
  }

  /** Resolves as soon as there is a connection, and begins to connect if nobody did. */
  connect(): Promise<void> {
    if (this.#state === "open") return Promise.resolve();
    if (this.#over !== undefined) return Promise.reject(this.#over);
    return new Promise((resolve, reject) => {
      const ends = [
        this.events.on("open", () => settle(resolve)),
        this.events.on("closed", (error) => settle(() => reject(error))),
      ];
      const settle = (done: () => void) => {
        for (const end of ends) end();
        done();
      };
      if (this.#state === "idle") this.#begin();
    });
  }

  /** Does not wait any longer for the next attempt, and begins anew if it was given up. */
  reconnect(): void {
    if (this.#over instanceof DisposedError) return;
    if (this.#state === "closed") this.#failures = this.#refusals = 0;
    if (this.#state === "idle" || this.#state === "closed") this.#begin();
    if (this.#state === "waiting") this.#try();
  }

  /** Closes the connection for a while; `connect` and `reconnect` begin again. */
  pause(): void {
    if (this.#over !== undefined || this.#state === "idle") return;
    this.#attempt?.abandon();
    this.#rest();
    this.#failures = this.#refusals = 0;
    this.#become("idle");
  }

  /** Sends a message, or keeps it until there is a connection. Whether it was sent. */
  send(message: Out): boolean {
    if (this.#over !== undefined) throw this.#over;
    if (this.#state !== "open") {
      this.#outbox.push(message);
      return false;
    }
    if (this.#attempt?.canSend !== true) {
      throw new QueueFullError("the network does not take what was sent before");
    }
    this.#attempt.send(this.protocol.encode(message));
    return true;
  }

  /** Sends a message if there is a connection; life signs and such are not kept. */
  sendNow(message: Out): void {
    if (this.#state !== "open") throw new AwayError("there is no connection; try again later");
    this.send(message);
  }

  /** Ends it for good with an error of the protocol's own. */
  fail(error: PilothouseError): void {
    this.#attempt?.abandon();
    this.#end(error);
  }

  /** Closes the connection, forgets what waits, and tells nothing any more. */
  dispose(): void {
    if (this.#state !== "closed") this.fail(disposed());
    this.#over = disposed();
    this.events.silence();
  }

  #begin(): void {
    this.#over = undefined;
    this.#ignoreWakeUps ??= onWakeUp(() => this.#wake());
    this.#try();
  }

  #wake(): void {
    if (this.#state === "waiting") this.#try();
    if (this.#state === "open") this.#heartbeat.probe();
  }

  #try(): void {
    clearTimeout(this.#timer);
    const { options, protocol } = this;
    this.#attempt = new Attempt(
      {
        server: options.server,
        path: protocol.path,
        token: this.token,
        tokenPlace:
          protocol.introduction === undefined ? (options.tokenPlace ?? "subprotocol") : "message",
        open: options.openSocket ?? openGlobalSocket,
        timeoutMs: options.connectTimeoutMs ?? 15_000,
      },
      {
        opened: (token) => {
          const introduction = protocol.introduction?.(token);
          if (introduction !== undefined) this.#attempt?.send(protocol.encode(introduction));
          if (protocol.isGreeting === undefined) this.#opened();
        },
        said: (message) => this.#said(message),
        lost: (loss) => this.#lost(loss),
      },
    );
    this.#become("connecting");
  }

  #said(said: string | Uint8Array): void {
    this.#heartbeat.heard();
    const isText = typeof said === "string";
    const message = isText ? this.protocol.decode(said) : this.protocol.decodeBytes?.(said);
    if (message === undefined) {
      this.events.emit("unknown", isText ? said : `${said.length} bytes`);
      return;
    }
    if (this.#state === "connecting") {
      const refusal = this.protocol.refusal?.(message);
      // As if the server had closed for it, which is what other protocols do.
      if (refusal !== undefined) {
        this.#attempt?.end(refusal, REFUSED);
        return;
      }
      if (this.protocol.isGreeting?.(message) === true) this.#opened();
    }
    this.events.emit("message", message);
  }

  #opened(): void {
    this.#attempt?.greeted();
    this.#openedAt = this.#now();
    this.#refusals = 0;
    if (this.#backoff.worksAfterMs === 0) this.#failures = 0;
    this.#heartbeat.start();
    this.#become("open");
    this.events.emit("open", undefined);
    const waiting = this.#outbox.take();
    for (const message of waiting) if (this.#state === "open") this.send(message);
  }

  #lost(loss: Loss): void {
    const wasOpen = this.#state === "open";
    this.#heartbeat.stop();
    this.#attempt = undefined;
    if (wasOpen && this.#now() - this.#openedAt >= this.#backoff.worksAfterMs) this.#failures = 0;
    const way = loss.wasOpen ? afterClose(loss.code, loss.reason) : this.#afterRefusal(loss);
    if (way === "with-another-token") {
      this.#refusals += 1;
      this.token.refused();
    }
    // State first: who hears of the loss may want to send something.
    const error = this.#isFinal(way, loss);
    this.#become(error === undefined ? "waiting" : "closed");
    if (wasOpen) this.events.emit("lost", loss);
    if (error !== undefined) this.#end(error);
    else if (this.#state === "waiting") this.#wait(way, loss);
  }

  #afterRefusal(loss: Loss): Return {
    if (isRefusal(loss.reason)) return "with-another-token";
    // It may have been the token: browsers do not tell. Whoever has another one shows that.
    this.token.refused();
    return "after-wait";
  }

  #isFinal(way: Return, loss: Loss): PilothouseError | undefined {
    if (loss.error !== undefined) return loss.error;
    const words = loss.reason === "" ? `code ${loss.code}` : loss.reason;
    if (way === "never") return new ClosedError(`the server closed it: ${words}`, loss.code);
    const cannotRenew = !this.token.canRenew || this.#refusals >= MOST_REFUSALS;
    if (way === "with-another-token" && cannotRenew) {
      return new TokenRefusedError(`the server does not take the token: ${words}`);
    }
    if (waitMs(this.#backoff, this.#failures, 0) === undefined) {
      return new GaveUpError(`no connection after ${this.#failures} attempts: ${words}`);
    }
    return undefined;
  }

  #wait(way: Return, loss: Loss): void {
    const random = this.options.random ?? Math.random;
    const isAtOnce = this.#failures === 0 && (way === "at-once" || way === "with-another-token");
    // A server that is overloaded is not helped by whoever comes back at once.
    const failures = way === "later" ? Math.max(1, this.#failures) : this.#failures;
    let wait = isAtOnce ? 0 : (waitMs(this.#backoff, failures, random()) ?? 0);
    if (way === "scattered") wait += Math.round(random() * SCATTER_MS);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#try(), wait);
    this.events.emit("waiting", {
      attempt: this.#failures,
      waitMs: wait,
      reason: loss.reason === "" ? `closed with code ${loss.code}` : loss.reason,
      offersManual: this.#failures > this.#backoff.offersManualAfter,
    });
  }

  #end(error: PilothouseError): void {
    this.#rest();
    this.#over = error;
    this.#outbox.take();
    this.#become("closed");
    this.events.emit("closed", error);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#heartbeat.stop();
    this.#attempt = undefined;
    this.#ignoreWakeUps?.();
    this.#ignoreWakeUps = undefined;
  }

  #become(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.events.emit("state", state);
  }
}
