// The mission control protocol: who is there and what sessions say. Clients only listen.

import type { Loss } from "../connection/attempt.js";
import { BACKOFFS } from "../connection/backoff.js";
import { Connection, type ConnectionState, type Waiting } from "../connection/connection.js";
import { decoderOf } from "../connection/decode.js";
import { Emitter, type Listener } from "../connection/events.js";
import type { ConnectionOptions } from "../connection/options.js";
import { PilothouseError } from "../errors.js";
import { RestClient } from "../rest/client.js";
import type {
  AgentStatus,
  Heartbeat,
  ServerMessage,
  SessionActivity,
} from "../wire/mission_control.js";
import type { MissionAgent } from "../wire/rest.js";

/** The types of messages from the server. */
export const MISSION_CONTROL_SERVER_MESSAGE_TYPES = {
  "agent:status": true,
  "session:activity": true,
  heartbeat: true,
} as const satisfies Record<ServerMessage["type"], true>;

/** What users choose about mission control. */
export interface MissionControlOptions extends ConnectionOptions {
  /** Whether the state is asked for by REST with every connection; so if absent. */
  readonly asksForState?: boolean | undefined;
  /** Makes requests; the global `fetch` if absent. */
  readonly fetch?: typeof fetch | undefined;
}

/** What mission control tells. */
export interface MissionControlEvents {
  state: ConnectionState;
  /** All agents: with every connection, since this protocol has no first state and no replay. */
  agents: readonly MissionAgent[];
  agent: AgentStatus;
  activity: SessionActivity;
  heartbeat: Heartbeat;
  /** The state could not be asked for. */
  error: PilothouseError;
  lost: Loss;
  reconnecting: Waiting;
  /** It is over, and why: after five attempts, for one. `reconnect` begins anew. */
  closed: PilothouseError;
  /** Something of a later version. */
  unknown: string;
}

/** The server speaks every 30 s; two of its heartbeats missing, and some time, are the end. */
const HEARTBEAT = { everyMs: 75_000, deadAfterMs: 75_000, onlyInSilence: true };

/** See the top of the file. */
export class MissionControlClient {
  readonly #events = new Emitter<MissionControlEvents>();
  readonly #connection: Connection<ServerMessage, never>;
  readonly #rest: RestClient;
  #asking = 0;

  constructor(options: MissionControlOptions) {
    this.#connection = new Connection<ServerMessage, never>(options, {
      path: () => "/",
      decode: decoderOf<ServerMessage>(MISSION_CONTROL_SERVER_MESSAGE_TYPES),
      encode: () => "",
      backoff: BACKOFFS.missionControl,
      heartbeat: HEARTBEAT,
      // Clients have nothing to say here; silence alone counts.
      beat: () => {},
      mostWaiting: 0,
    });
    this.#rest = new RestClient({ ...options, token: this.#connection.token });
    const { events } = this.#connection;
    events.on("message", (message) => this.#take(message));
    events.on("open", () => {
      if (options.asksForState !== false) void this.#askForState();
    });
    events.on("state", (state) => this.#events.emit("state", state));
    events.on("lost", (loss) => this.#events.emit("lost", loss));
    events.on("waiting", (waiting) => this.#events.emit("reconnecting", waiting));
    events.on("closed", (error) => this.#events.emit("closed", error));
    events.on("unknown", (text) => this.#events.emit("unknown", text));
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** Calls `listener` from now on; what is returned ends that. */
  on<Name extends keyof MissionControlEvents>(
    name: Name,
    listener: Listener<MissionControlEvents[Name]>,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /** Resolves as soon as there is a connection, which then comes back by itself. */
  connect(): Promise<void> {
    return this.#connection.connect();
  }

  /** Tries now, whatever was waited for, and also when it was given up. */
  reconnect(): void {
    this.#connection.reconnect();
  }

  /** Closes the connection for good. */
  dispose(): void {
    this.#asking += 1;
    this.#connection.dispose();
    this.#events.silence();
  }

  async #askForState(): Promise<void> {
    this.#asking += 1;
    const asked = this.#asking;
    try {
      const fleet = await this.#rest.call("GET /api/agents");
      if (asked === this.#asking) this.#events.emit("agents", fleet.agents);
    } catch (error) {
      if (asked !== this.#asking) return;
      const words = error instanceof Error ? error.message : String(error);
      this.#events.emit(
        "error",
        error instanceof PilothouseError ? error : new PilothouseError(words),
      );
    }
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case "agent:status":
        this.#events.emit("agent", message.payload);
        return;
      case "session:activity":
        this.#events.emit("activity", message.payload);
        return;
      case "heartbeat":
        this.#events.emit("heartbeat", message.payload);
        return;
      default:
        message satisfies never;
    }
  }
}
