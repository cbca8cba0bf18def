// What users choose about a dashboard and its commands, and which messages there are.

import type { ConnectionOptions } from "../../connection/options.js";
import type { CommandRequest, ServerMessage } from "../../wire/dashboard.js";
import type { OutputPiece } from "./command.js";
import type { Follow } from "./ledger.js";

/** The types of messages from the server. */
export const DASHBOARD_SERVER_MESSAGE_TYPES = {
  "connection:ack": true,
  "agent:list": true,
  "agent:status": true,
  "terminal:output": true,
  "command:status": true,
  "command:queue": true,
  error: true,
  heartbeat: true,
  "token:refreshed": true,
  "output:page": true,
  "attention:changed": true,
} as const satisfies Record<ServerMessage["type"], true>;

/** What users choose about a dashboard. */
export interface DashboardOptions extends ConnectionOptions {
  /** Whose missed output is fetched; every command's if absent. */
  readonly follow?: Follow | undefined;
  /** Whether `attention` is told: what waits for a person, and what does not any longer. */
  readonly attention?: boolean | undefined;
}

/** How a command is to be run. */
export interface RunOptions
  extends Omit<CommandRequest, "agentId" | "command" | "args" | "requestId"> {
  /** Told everything that it writes; then it is not kept for iterating over the command. */
  readonly onOutput?: ((piece: OutputPiece) => void) | undefined;
}
