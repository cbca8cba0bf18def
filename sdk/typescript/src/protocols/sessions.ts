// The app-wide door of the sessions and workers protocol: all sessions, and what their workers do.

import { BACKOFFS } from "../connection/backoff.js";
import type { ConnectionState } from "../connection/connection.js";
import { decoderOf } from "../connection/decode.js";
import type { ConnectionOptions } from "../connection/options.js";
import type {
  AgentActivityState,
  AppClientMessage,
  AppServerMessage,
  ErrorMessage,
  Session,
  WorkerActivityInfo,
} from "../wire/sessions_and_workers.js";
import { APP_SERVER_MESSAGE_TYPES } from "../wire/sessions_and_workers_constants.js";
import { Client, type ClientEvents, tellStates } from "./client.js";

/** What is told about sessions. */
export interface SessionsEvents extends ClientEvents {
  /** Takes the place of all that was known: with every connection, and when it was asked for. */
  sync: ReadonlyMap<string, Session>;
  created: Session;
  updated: Session;
  /** Its id. */
  deleted: string;
  activity: WorkerActivityInfo;
  error: ErrorMessage;
}

/** Pings of the server are not seen by browsers; after a minute of silence a sync is asked for. */
const HEARTBEAT = { everyMs: 60_000, deadAfterMs: 75_000, onlyInSilence: true };

const REQUEST_SYNC: AppClientMessage = { type: "request-sync" };

/** See the top of the file. */
export class SessionsClient extends Client<SessionsEvents, AppServerMessage, AppClientMessage> {
  #sessions = new Map<string, Session>();
  #activities = new Map<string, AgentActivityState>();
  #isSyncPending = false;

  constructor(options: ConnectionOptions) {
    super(options, {
      path: () => "/ws/app",
      decode: decoderOf<AppServerMessage>(APP_SERVER_MESSAGE_TYPES),
      encode: (message) => JSON.stringify(message),
      backoff: BACKOFFS.sessions,
      heartbeat: HEARTBEAT,
      beat: () => this.#askForSync(),
      isGreeting: (message) => message.type === "sessions-sync",
      // Every connection begins with a sync, so none needs to wait for it.
      mostWaiting: 0,
    });
    this.connection.events.on("message", (message) => this.#take(message));
    tellStates(this.connection, this.events);
  }

  get state(): ConnectionState {
    return this.connection.state;
  }

  /** All sessions, by id. */
  get sessions(): ReadonlyMap<string, Session> {
    return this.#sessions;
  }

  /** What a worker does; `unknown` unless it is an agent that was seen doing something. */
  activityOf(workerId: string): AgentActivityState {
    return this.#activities.get(workerId) ?? "unknown";
  }

  /** Asks for everything anew, once however many views want it. Without a connection it comes with the next one. */
  requestSync(): void {
    if (this.state === "open" && !this.#isSyncPending) this.#askForSync();
  }

  #askForSync(): void {
    this.#isSyncPending = true;
    this.connection.sendNow(REQUEST_SYNC);
  }

  #take(message: AppServerMessage): void {
    switch (message.type) {
      case "sessions-sync":
        this.#isSyncPending = false;
        this.#sessions = new Map(message.sessions.map((session) => [session.id, session]));
        this.#activities = new Map(
          message.activityStates.map(({ workerId, activityState }) => [workerId, activityState]),
        );
        this.events.emit("sync", this.#sessions);
        return;
      case "session-created":
        this.#sessions.set(message.session.id, message.session);
        this.events.emit("created", message.session);
        return;
      case "session-updated":
        this.#sessions.set(message.session.id, message.session);
        this.events.emit("updated", message.session);
        return;
      case "session-deleted":
        this.#forget(message.sessionId);
        this.events.emit("deleted", message.sessionId);
        return;
      case "worker-activity": {
        const { sessionId, workerId, activityState } = message;
        this.#activities.set(workerId, activityState);
        this.events.emit("activity", { sessionId, workerId, activityState });
        return;
      }
      case "error":
        this.events.emit("error", { code: message.code, message: message.message });
        return;
      default:
        message satisfies never;
    }
  }

  #forget(sessionId: string): void {
    for (const worker of this.#sessions.get(sessionId)?.workers ?? []) {
      this.#activities.delete(worker.id);
    }
    this.#sessions.delete(sessionId);
  }
}
