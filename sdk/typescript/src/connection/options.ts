// What users choose about a connection, and what each protocol lays down.

import type { TokenPlace } from "./address.js";
import type { Backoff } from "./backoff.js";
import type { Decode } from "./decode.js";
import type { HeartbeatPlan } from "./heartbeat.js";
import type { Overflow } from "./outbox.js";
import type { OpenSocket } from "./socket.js";
import type { TokenSource } from "./token.js";

/** What users choose. Only `server` has to be given. */
export interface ConnectionOptions {
  /** Such as `https://pilothouse.example.org`, with the path it is below, if any. */
  readonly server: string;
  /** The token, or who has one. Without it only a server that is open to this machine lets anybody in. */
  readonly token?: TokenSource | undefined;
  /** How the token is shown; as a subprotocol if absent. */
  readonly tokenPlace?: TokenPlace | undefined;
  /** Opens sockets; the global WebSocket if absent. */
  readonly openSocket?: OpenSocket | undefined;
  /** How long one attempt may take, from asking for a token to the server's greeting; 15 s if absent. */
  readonly connectTimeoutMs?: number | undefined;
  /** How many messages wait while there is no connection; each client says how many if absent. */
  readonly mostWaiting?: number | undefined;
  /** What gives way when no more may wait; the newest is refused if absent. */
  readonly overflow?: Overflow | undefined;
  /** Other waits than the protocol's. */
  readonly backoff?: Partial<Backoff> | undefined;
  /** From 0 to 1; `Math.random` if absent. */
  readonly random?: (() => number) | undefined;
  /** Milliseconds since 1970; `Date.now` if absent. */
  readonly now?: (() => number) | undefined;
}

/** What a protocol lays down. */
export interface Protocol<In, Out> {
  /** The door with its query, asked for before each attempt. */
  readonly path: () => string;
  readonly decode: Decode<In>;
  /** Makes messages of binary ones; without it they are unknown. */
  readonly decodeBytes?: ((bytes: Uint8Array) => In | undefined) | undefined;
  readonly encode: (message: Out) => string;
  readonly backoff: Backoff;
  /** Absent where clients have nothing to say: then silence of `deadAfterMs` alone counts. */
  readonly heartbeat: HeartbeatPlan;
  /** Sends a life sign. */
  readonly beat: () => void;
  /** Whether this is the message that makes a socket a connection. Without it every open socket is one. */
  readonly isGreeting?: ((message: In) => boolean) | undefined;
  /** What is said first on every socket, where the token comes as a message; it is shown nowhere else then. */
  readonly introduction?: ((token: string | undefined) => Out) | undefined;
  /** Why a message that came instead of the greeting refuses the token, if it does. */
  readonly refusal?: ((message: In) => string | undefined) | undefined;
  /** How many messages wait while there is no connection, unless the user says it. */
  readonly mostWaiting: number;
}
