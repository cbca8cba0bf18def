// The mission control protocol: who is there and what sessions say. Clients only listen.

import { BACKOFFS } from "../connection/backoff.js";
import type { ConnectionState } from "../connection/connection.js";
import { decoderOf } from "../connection/decode.js";
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
import { Client, type ClientEvents, tellStates } from "./client.js";

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
export interface MissionControlEvents extends ClientEvents {
  /** All agents: with every connection, since this protocol has no first state and no replay. */
  agents: readonly MissionAgent[];
  agent: AgentStatus;
  activity: SessionActivity;
  heartbeat: Heartbeat;
  /** The state could not be asked for. */
  error: PilothouseError;
  /** It is over, and why: after five attempts, for one. `reconnect` begins anew. */
  closed: PilothouseError;
}

/** The server speaks every 30 s; two of its heartbeats missing, and some time, are the end. */
const HEARTBEAT = { everyMs: 75_000, deadAfterMs: 75_000, onlyInSilence: true };

/** See the top of the file. */
export class MissionControlClient extends Client<MissionControlEvents, ServerMessage, never> {
  readonly #rest: RestClient;
  #asking = 0;

  constructor(options: MissionControlOptions) {
    super(options, {
      path: () => "/",
      decode: decoderOf<ServerMessage>(MISSION_CONTROL_SERVER_MESSAGE_TYPES),
      encode: () => "",
      backoff: BACKOFFS.missionControl,
      heartbeat: HEARTBEAT,
      // Clients have nothing to say here; silence alone counts.
      beat: () => {},
      mostWaiting: 0,
    });
    this.#rest = new RestClient({ ...options, token: this.connection.token });
    const { events } = this.connection;
    events.on("message", (message) => this.#take(message));
    events.on("open", () => {
      if (options.asksForState !== false) void this.#askForState();
    });
    tellStates(this.connection, this.events);
  }

  get state(): ConnectionState {
    return this.connection.state;
  }

  override dispose(): void {
    this.#asking += 1;
    super.dispose();
  }

  async #askForState(): Promise<void> {
    this.#asking += 1;
    const asked = this.#asking;
    try {
      const fleet = await this.#rest.call("GET /api/agents");
      if (asked === this.#asking) this.events.emit("agents", fleet.agents);
    } catch (error) {
      if (asked !== this.#asking) return;
      const words = error instanceof Error ? error.message : String(error);
      this.events.emit(
        "error",
        error instanceof PilothouseError ? error : new PilothouseError(words),
      );
    }
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case "agent:status":
        this.events.emit("agent", message.payload);
        return;
      case "session:activity":
        this.events.emit("activity", message.payload);
        return;
      case "heartbeat":
        this.events.emit("heartbeat", message.payload);
        return;
      default:
        message satisfies never;
    }
  }
}
