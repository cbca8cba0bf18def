// The control plane of one agent's session: its tasks, how far they are, and how the session is.

import { BACKOFFS } from "../connection/backoff.js";
import type { ConnectionState } from "../connection/connection.js";
import { decoderOf } from "../connection/decode.js";
import type { ConnectionOptions } from "../connection/options.js";
import { AwayError, RejectedError, SetupError } from "../errors.js";
import { Client, type ClientEvents, tellStates } from "./client.js";
import {
  CONTROL_SERVER_MESSAGE_TYPES,
  type ControlClientMessage,
  type ControlServerMessage,
  type SessionStatus,
  type SubscriptionType,
  type TaskError,
  type TaskLogs,
  type TaskProgress,
  type TaskStatus,
} from "./control/messages.js";
import { Subscriptions } from "./control/subscriptions.js";

/** As which agent's session. The token is said in the first message and shown nowhere else. */
export interface ControlOptions extends Omit<ConnectionOptions, "tokenPlace" | "mostWaiting"> {
  readonly agentId: string;
}

/** What is told about tasks and sessions that are subscribed to. */
export interface ControlEvents extends ClientEvents {
  /** How a task is, whenever that changes. */
  task: TaskStatus;
  progress: TaskProgress;
  logs: TaskLogs;
  failure: TaskError;
  session: SessionStatus;
  /** Something was refused that nobody waits for. */
  error: RejectedError;
}

/** The protocol's own: `PING` every 30 s, answered by `PONG`. */
const HEARTBEAT = { everyMs: 30_000, deadAfterMs: 75_000, onlyInSilence: true };

/** The codes that say that the token, or the session behind it, does not count. */
const REFUSALS = new Set([
  "MISSING_TOKEN",
  "INVALID_TOKEN",
  "MISSING_AGENT_ID",
  "INVALID_SESSION",
  "SESSION_EXPIRED",
  "TOKEN_EXPIRED",
  "AUTH_ERROR",
]);

const decode = decoderOf<ControlServerMessage>(CONTROL_SERVER_MESSAGE_TYPES);

/** See the top of the file. */
export class ControlClient extends Client<
  ControlEvents,
  ControlServerMessage,
  ControlClientMessage
> {
  readonly #subscriptions: Subscriptions;
  readonly #now: () => number;

  constructor(options: ControlOptions) {
    const now = options.now ?? Date.now;
    const stamped = () => ({ timestamp: new Date(now()).toISOString() });
    super(options, {
      path: () => "/ws",
      decode,
      encode: (message) => JSON.stringify(message),
      backoff: BACKOFFS.sessions,
      heartbeat: HEARTBEAT,
      beat: () => this.connection.sendNow({ type: "PING", ...stamped() }),
      introduction: (token = "") => ({
        type: "AUTHENTICATE",
        sessionToken: token,
        agentId: options.agentId,
        messageId: "authenticate",
        ...stamped(),
      }),
      isGreeting: ({ type }) => type === "AUTHENTICATED",
      refusal: (message) =>
        message.type === "ERROR" && REFUSALS.has(message.code ?? "") ? message.error : undefined,
      // Subscriptions are said anew with every connection, and there is nothing else to say.
      mostWaiting: 0,
    });
    this.#now = now;
    this.#subscriptions = new Subscriptions((subscription, messageId) => {
      const { subscriptionType, targetId } = subscription;
      if (this.state !== "open") return;
      const wanted = { subscriptionType, targetId, messageId, ...stamped() };
      this.connection.sendNow({ type: "SUBSCRIBE", ...wanted });
    });
    this.#listen();
  }

  get state(): ConnectionState {
    return this.connection.state;
  }

  /**
   * Has a task, a session or an agent told, from now on and after every reconnection. Resolves when the server
   * has agreed; a `RejectedError` if it does not.
   */
  subscribe(type: SubscriptionType, id: string): Promise<void> {
    if (id === "") return Promise.reject(new SetupError("there is nothing without an id"));
    return this.#subscriptions.add(type, id);
  }

  /** Has it told no more. */
  unsubscribe(type: SubscriptionType, id: string): void {
    const subscription = { subscriptionType: type, targetId: id };
    this.#subscriptions.remove(subscription, new AwayError("it was unsubscribed from"));
    if (this.state !== "open") return;
    const timestamp = new Date(this.#now()).toISOString();
    this.connection.sendNow({ type: "UNSUBSCRIBE", ...subscription, timestamp });
  }

  override dispose(): void {
    super.dispose();
    this.#subscriptions.end(new AwayError("the client was disposed of"));
  }

  #listen(): void {
    const { events } = this.connection;
    events.on("message", (message) => this.#take(message));
    events.on("open", () => this.#subscriptions.askForAll());
    events.on("closed", (error) => this.#subscriptions.end(error));
    tellStates(this.connection, this.events);
  }

  #take(message: ControlServerMessage): void {
    switch (message.type) {
      case "TASK_STATUS":
        this.events.emit("task", message);
        return;
      case "TASK_PROGRESS":
        this.events.emit("progress", message);
        return;
      case "TASK_LOGS":
        this.events.emit("logs", message);
        return;
      case "TASK_ERROR":
        this.events.emit("failure", message);
        return;
      case "SESSION_STATUS":
        this.events.emit("session", message);
        return;
      case "SUBSCRIBED":
        this.#subscriptions.confirmed(message);
        return;
      case "ERROR":
        this.#refused(message);
        return;
      case "BATCH":
        for (const one of message.messages) {
          const inner = decode(JSON.stringify(one));
          // A batch in a batch is none of the protocol's.
          if (inner === undefined || inner.type === "BATCH") {
            this.events.emit("unknown", JSON.stringify(one));
          } else this.#take(inner);
        }
        return;
      case "CONNECTION_STATUS":
      case "AUTHENTICATED":
      case "UNSUBSCRIBED":
      case "PONG":
        return;
      default:
        message satisfies never;
    }
  }

  #refused(message: Extract<ControlServerMessage, { type: "ERROR" }>): void {
    const error = new RejectedError(message.error, message.code ?? "");
    if (this.#subscriptions.refused(message.messageId ?? "", error)) return;
    this.events.emit("error", error);
  }
}
