// A session's browser as it is now: its pictures, who watches and who steers, and what is done to it.

import { BACKOFFS } from "../connection/backoff.js";
import type { ConnectionState } from "../connection/connection.js";
import { Client, tellStates } from "./client.js";
import type {
  BrowserInput,
  ControlAction,
  LiveControl,
  LiveMessage,
  LivePicture,
  LiveStatus,
  Pacing,
  ViewerMessage,
} from "./live/messages.js";
import { type LiveEvents, type LiveOptions, livePath, type Staleness } from "./live/options.js";
import { decodeLive, decodeLiveBytes } from "./live/pictures.js";

/** Pages that do not move have no pictures, and pings are not seen by browsers: the status is asked for. */
const HEARTBEAT = { everyMs: 60_000, deadAfterMs: 75_000, onlyInSilence: true };

/** Without events nothing is answered, so silence says nothing. */
const PATIENT = { everyMs: 60_000, deadAfterMs: Number.POSITIVE_INFINITY, onlyInSilence: true };

/** Why it is not known how things are before there is a connection. */
const NOT_YET = "not connected yet";

/** See the top of the file. */
export class LiveClient extends Client<LiveEvents, LiveMessage, ViewerMessage> {
  readonly #options: LiveOptions;
  readonly #now: () => number;
  #maxFps: number | undefined;
  #pacing: Pacing;
  #picture: LivePicture | undefined;
  #status: LiveStatus | undefined;
  #control: LiveControl | undefined;
  #stale: Staleness | undefined;
  #lossWords = NOT_YET;

  constructor(options: LiveOptions) {
    const hasEvents = options.events !== false;
    super(options, {
      path: () => livePath(options, { maxFps: this.#maxFps, pacing: this.#pacing }),
      decode: decodeLive,
      decodeBytes: decodeLiveBytes,
      encode: (message) => JSON.stringify(message),
      backoff: BACKOFFS.sessions,
      heartbeat: hasEvents ? HEARTBEAT : PATIENT,
      beat: () => {
        if (hasEvents) this.connection.sendNow({ type: "status" });
      },
      // A click at a picture of long ago hits something else.
      mostWaiting: 0,
    });
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#maxFps = options.maxFps;
    this.#pacing = options.pacing ?? "ack";
    this.#stale = { since: this.#now(), cause: "connection", reason: NOT_YET };
    this.#listen();
  }

  get state(): ConnectionState {
    return this.connection.state;
  }

  /** The newest picture that came. */
  get picture(): LivePicture | undefined {
    return this.#picture;
  }

  /** How the stream was told to be last. */
  get status(): LiveStatus | undefined {
    return this.#status;
  }

  /** Who steers; nothing while there is no connection. */
  get control(): LiveControl | undefined {
    return this.#control;
  }

  /** Why what was shown last is old, if it is. */
  get stale(): Staleness | undefined {
    return this.#stale;
  }

  /** Closes the connection for a while, so that nothing is sent to nobody; `connect` and `reconnect` begin again. */
  pause(): void {
    this.connection.pause();
  }

  /** At most so many pictures in a second from now on. */
  setMaxFps(maxFps: number): void {
    this.#maxFps = maxFps;
    this.#say({ type: "config", maxFps });
  }

  /** How pictures come from now on. */
  setPacing(pacing: Pacing): void {
    this.#pacing = pacing;
    this.#say({ type: "config", pacing });
  }

  /** A picture was taken; the next may come. Only for those who chose `acknowledgesByHand`. */
  acknowledge({ seq }: LivePicture): void {
    if (this.#pacing !== "ack") return;
    this.#say(seq === undefined ? { type: "ack" } : { type: "ack", seq });
  }

  /** Does something to the browser. Whether it was sent; it counts only while `control.you` is so. */
  input(input: BrowserInput): boolean {
    return this.#say(input);
  }

  /** Clicks at a place of a picture, the newest unless it is said which. */
  click(x: number, y: number, picture: LivePicture | undefined = this.#picture): boolean {
    const aimed = picture?.seq === undefined ? {} : { seq: picture.seq };
    const at = { type: "input_mouse", x, y, button: "left", clickCount: 1, ...aimed } as const;
    return (
      this.input({ type: "input_mouse", eventType: "mouseMoved", x, y, ...aimed }) &&
      this.input({ ...at, eventType: "mousePressed" }) &&
      this.input({ ...at, eventType: "mouseReleased" })
    );
  }

  /** Types text where the browser's cursor is. */
  type(text: string): boolean {
    return [...text].every((letter) =>
      letter === "\n" || letter === "\r"
        ? this.press("Enter")
        : this.input({ type: "input_keyboard", eventType: "char", text: letter }),
    );
  }

  /** Presses a key and lets it go, such as `Enter` or `Escape`. */
  press(key: string, code: string = key): boolean {
    const text = key === "Enter" ? { text: "\r" } : {};
    const pressed = { type: "input_keyboard", key, code } as const;
    return (
      this.input({ ...pressed, ...text, eventType: "keyDown" }) &&
      this.input({ ...pressed, eventType: "keyUp" })
    );
  }

  /** Pastes text into the browser. */
  paste(text: string): boolean {
    return this.input({ type: "input_clipboard", text });
  }

  /** Asks for what is selected in the browser; it is told as `clipboard`. */
  copy(): boolean {
    return this.input({ type: "input_copy" });
  }

  /** Makes the page in the browser as large as this, in CSS pixels. For whoever steers. */
  resize(width: number, height: number): boolean {
    return this.#say({ type: "resize", width, height });
  }

  /** Asks to steer: at once if nobody does, otherwise whoever does is asked. */
  requestControl(): boolean {
    return this.#steer("request");
  }

  /** Hands back, or asks no longer. */
  releaseControl(): boolean {
    return this.#steer("release");
  }

  /** Hands over to one of those who wait. */
  grantControl(id: string): boolean {
    return this.#steer("grant", id);
  }

  /** Says no to one of those who wait. */
  declineControl(id: string): boolean {
    return this.#steer("decline", id);
  }

  /** Steers from now on, whoever does it now. For administrators. */
  takeControl(): boolean {
    return this.#steer("take");
  }

  /** Is still there: control does not end by itself for a while. */
  renewControl(): boolean {
    return this.#steer("renew");
  }

  #steer(action: ControlAction, id?: string): boolean {
    return this.#say(
      id === undefined ? { type: "control", action } : { type: "control", action, id },
    );
  }

  /** Says something if there is a connection to say it on. */
  #say(message: ViewerMessage): boolean {
    if (this.state !== "open") return false;
    try {
      return this.connection.send(message);
    } catch {
      // The network does not take what was said before; this would come too late.
      return false;
    }
  }

  #listen(): void {
    const { events } = this.connection;
    events.on("message", (message) => this.#take(message));
    events.on("state", (state) => {
      if (state !== "open") this.#control = undefined;
    });
    events.on("lost", (loss) => {
      this.#lossWords = loss.reason === "" ? `closed with code ${loss.code}` : loss.reason;
    });
    events.on("waiting", ({ reason }) => {
      this.#lossWords = reason;
    });
    events.on("closed", ({ message }) => {
      this.#lossWords = message;
    });
    tellStates(this.connection, this.events);
    // What is old is told after why it is.
    events.on("state", (state) => {
      // What was lost says why right after this.
      if (state === "open" || state === "idle") this.#judge();
    });
    events.on("lost", () => this.#judge());
    events.on("waiting", () => this.#judge());
    events.on("closed", () => this.#judge());
  }

  #take(message: LiveMessage): void {
    switch (message.type) {
      case "frame":
        this.#picture = message.picture;
        this.events.emit("picture", message.picture);
        if (this.#options.acknowledgesByHand !== true) this.acknowledge(message.picture);
        return;
      case "status": {
        const { type: _, ...status } = message;
        this.#status = status;
        this.events.emit("status", status);
        this.#judge();
        return;
      }
      case "tabs":
        this.events.emit("tabs", message.tabs);
        return;
      case "watchers":
        this.events.emit("watchers", message.watchers);
        return;
      case "control": {
        const { type: _, ...control } = message;
        this.#control = control;
        this.events.emit("control", control);
        return;
      }
      case "clipboard":
        this.events.emit("clipboard", message.text);
        return;
      case "error":
        this.events.emit("refused", { code: message.code, message: message.message });
        return;
      default:
        message satisfies never;
    }
  }

  /** Tells whether what is shown is how things are, if that has changed. */
  #judge(): void {
    const cause = this.#cause();
    const before = this.#stale;
    const reason =
      cause === "stream" ? (this.#status?.reason ?? "nobody sends pictures") : this.#lossWords;
    if (cause === before?.cause && reason === before?.reason) return;
    const since = cause === before?.cause && before !== undefined ? before.since : this.#now();
    this.#stale = cause === undefined ? undefined : { since, cause, reason };
    this.events.emit("stale", this.#stale);
  }

  #cause(): Staleness["cause"] | undefined {
    if (this.state !== "open") return "connection";
    return this.#status?.live === false ? "stream" : undefined;
  }
}
