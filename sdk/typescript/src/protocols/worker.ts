// A worker's terminal: what it prints, byte for byte over all connections, and what is typed into it.

import { BACKOFFS } from "../connection/backoff.js";
import type { ConnectionState } from "../connection/connection.js";
import { decoderOf } from "../connection/decode.js";
import type { ConnectionOptions } from "../connection/options.js";
import { AwayError, GoneError, type PilothouseError } from "../errors.js";
import type {
  AgentActivityState,
  AttachedWorker,
  ErrorMessage,
  Exit,
  HistoryRange,
  WorkerClientMessage,
  WorkerServerMessage,
} from "../wire/sessions_and_workers.js";
import { WORKER_SERVER_MESSAGE_TYPES } from "../wire/sessions_and_workers_constants.js";
import { Client, type ClientEvents, tellStates } from "./client.js";
import { Place, type Shown } from "./worker/place.js";
import { type Viewers, viewersFor } from "./worker/viewers.js";

/** Which terminal. */
export interface WorkerOptions extends ConnectionOptions {
  readonly sessionId: string;
  readonly workerId: string;
}

/** What is told about a terminal. */
export interface WorkerEvents extends ClientEvents {
  /** What to write to the terminal; with `replaces`, forget what it shows first. */
  output: Shown;
  /** The worker as it is: with every connection, before its output. */
  worker: AttachedWorker;
  activity: AgentActivityState;
  /** Who is in front of it: with every connection, and when that has changed. */
  viewers: Viewers;
  resized: { readonly cols: number; readonly rows: number };
  /** Its process ended, after all output. Told once for each of its lives. */
  exit: Exit;
  /** Something was refused, such as typing with the role viewer. */
  refused: ErrorMessage;
  /** A message that waited gave way to newer ones. */
  dropped: WorkerClientMessage;
  /** It is over, and why; a `GoneError` if there is no such worker. */
  closed: PilothouseError;
}

/** Pings of the server are not seen by browsers; after a minute of silence an empty piece of history is asked for. */
const HEARTBEAT = { everyMs: 60_000, deadAfterMs: 75_000, onlyInSilence: true };

/** The protocol's words for what is not there. */
const GONE = new Set<string>([
  "SESSION_NOT_FOUND",
  "WORKER_NOT_FOUND",
  "SESSION_DELETED",
  "WORKER_DELETED",
]);

/** After these the connection comes back, with another token or to the worker's new life. */
const RETURNING = new Set<string>(["WORKER_RESTARTED", "TOKEN_EXPIRED", "TOKEN_REVOKED"]);

/** Who waits for a piece of history. */
interface Asked {
  resolve(range: HistoryRange): void;
  reject(error: PilothouseError): void;
}

/** See the top of the file. */
export class WorkerClient extends Client<WorkerEvents, WorkerServerMessage, WorkerClientMessage> {
  readonly #place = new Place();
  #size: { cols: number; rows: number } | undefined;
  #worker: AttachedWorker | undefined;
  #viewers: Viewers | undefined;
  #exitOf: number | undefined;
  #asked: Asked[] = [];

  constructor(options: WorkerOptions) {
    const { sessionId, workerId } = options;
    const door = `/ws/session/${encodeURIComponent(sessionId)}/worker/${encodeURIComponent(workerId)}`;
    super(options, {
      path: () => door + this.#place.query,
      decode: decoderOf<WorkerServerMessage>(WORKER_SERVER_MESSAGE_TYPES),
      encode: (message) => JSON.stringify(message),
      backoff: BACKOFFS.sessions,
      heartbeat: HEARTBEAT,
      beat: () => void this.historyRange(0, 0).catch(() => {}),
      isGreeting: (message) => message.type !== "error",
      // Keys that were typed at a screen of long ago do harm; whoever wants them kept says so.
      mostWaiting: 0,
    });
    this.#listen();
  }

  get state(): ConnectionState {
    return this.connection.state;
  }

  /** The worker as the server last described it. */
  get worker(): AttachedWorker | undefined {
    return this.#worker;
  }

  /** Who is in front of it; nothing while there is no connection. */
  get viewers(): Viewers | undefined {
    return this.#viewers;
  }

  /** The life of the worker and the byte after the last that was told. */
  get place(): { readonly epoch: number; readonly offset: number } | undefined {
    return this.#place.known;
  }

  /** Closes the connection for a while; `connect` and `reconnect` go on where it was. */
  pause(): void {
    this.connection.pause();
  }

  /** Asks how the terminal looks now, for a viewer that cannot keep up with what is printed. */
  startAfresh(): void {
    this.pause();
    this.#place.forget();
    this.reconnect();
  }

  /** Types, control characters included. Whether it was sent; throws if it can neither be sent nor wait. */
  input(data: string): boolean {
    return this.connection.send({ type: "input", data });
  }

  /** Says how large the user's own terminal is; kept, and told again after coming back. */
  resize(cols: number, rows: number): void {
    this.#size = { cols, rows };
    if (this.state === "open") this.connection.sendNow({ type: "resize", cols, rows });
  }

  /** Has no size of its own any more: says none after coming back. */
  withdrawSize(): void {
    this.#size = undefined;
  }

  /** Pastes a picture: its path is typed, without Enter. At most 5 MB. Whether it was sent. */
  async image(picture: Blob | Uint8Array, mimeType: string): Promise<boolean> {
    const bytes =
      picture instanceof Uint8Array ? picture : new Uint8Array(await picture.arrayBuffer());
    let text = "";
    // As many at once as every engine takes as arguments.
    for (let at = 0; at < bytes.length; at += 8192) {
      text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    }
    return this.connection.send({ type: "image", data: btoa(text), mimeType });
  }

  /** A part of the log of the worker's present life, in bytes; ask again from its `endOffset`. */
  historyRange(from: number, to: number): Promise<HistoryRange> {
    return new Promise((resolve, reject) => {
      this.connection.sendNow({ type: "request-history-range", from, to });
      // Answers have no names and come in order.
      this.#asked.push({ resolve, reject });
    });
  }

  #listen(): void {
    const { events } = this.connection;
    events.on("message", (message) => this.#take(message));
    events.on("open", () => {
      if (this.#size !== undefined) this.connection.sendNow({ type: "resize", ...this.#size });
    });
    events.on("state", (state) => {
      if (state === "open") return;
      this.#viewers = undefined;
      const error = new AwayError("the connection was lost; ask again");
      for (const asked of this.#asked.splice(0)) asked.reject(error);
    });
    events.on("dropped", (message) => this.events.emit("dropped", message));
    tellStates(this.connection, this.events);
  }

  #take(message: WorkerServerMessage): void {
    switch (message.type) {
      case "output":
        this.#show(this.#place.output(message));
        return;
      case "history":
        this.#show(this.#place.history(message));
        return;
      case "worker": {
        const { type: _, ...worker } = message;
        this.#worker = worker;
        this.events.emit("worker", worker);
        return;
      }
      case "viewers":
        this.#viewers = viewersFor(this.#worker?.viewerId, message);
        this.events.emit("viewers", this.#viewers);
        return;
      case "activity":
        this.events.emit("activity", message.state);
        return;
      case "resized":
        this.events.emit("resized", { cols: message.cols, rows: message.rows });
        return;
      case "history-range": {
        const { type: _, ...range } = message;
        this.#asked.shift()?.resolve(range);
        return;
      }
      case "exit":
        this.#exit(message);
        return;
      case "error":
        if (GONE.has(message.code)) this.connection.fail(new GoneError(message.message));
        else if (!RETURNING.has(message.code)) {
          this.events.emit("refused", { code: message.code, message: message.message });
        }
        return;
      default:
        message satisfies never;
    }
  }

  #show(shown: Shown | undefined): void {
    if (shown !== undefined) this.events.emit("output", shown);
  }

  #exit(message: Exit): void {
    // After coming back the server tells it once more.
    const epoch = this.#worker?.epoch;
    if (epoch !== undefined && epoch === this.#exitOf) return;
    this.#exitOf = epoch;
    const { exitCode, signal, reason } = message;
    this.events.emit(
      "exit",
      reason === undefined ? { exitCode, signal } : { exitCode, signal, reason },
    );
  }
}
