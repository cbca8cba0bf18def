// What a dashboard tells its user.

import type {
  Agent,
  AttentionChanged,
  CommandQueue,
  CommandStatus,
  ErrorMessage,
  TerminalOutput,
} from "../../wire/dashboard.js";
import type { LossEvents } from "../client.js";

/** How the connection is, in the protocol's words. */
export type DashboardState = "CONNECTING" | "CONNECTED" | "RECONNECTING" | "DISCONNECTED";

/** Output that a command wrote and that nobody will see here. */
export interface OutputGap {
  readonly commandId: string;
  readonly agentId: string;
  /** The number of the first missing record. */
  readonly fromSequence: number;
  /** The number of the next record that is there. */
  readonly nextSequence: number;
  /** Why it is missing, in words. */
  readonly reason: string;
}

/**
 * What is told. Over all reconnections nothing is told twice: output goes on with the number where it
 * stopped, and a final status comes once.
 */
export interface DashboardEvents extends LossEvents {
  state: DashboardState;
  /** All agents: at the beginning, when the set changes, and after coming back if anything did. */
  agents: readonly Agent[];
  /** One agent changed. */
  agent: Agent;
  queue: CommandQueue;
  status: CommandStatus;
  /** What a command wrote; never a notice of a gap, which is `gap`. */
  output: TerminalOutput;
  gap: OutputGap;
  /**
   * Something waits for a person, or does not any longer. Only with the option `attention`. What was missed while there
   * was no connection is not told: ask `GET /api/v1/attention` after `resynced`.
   */
  attention: AttentionChanged;
  /** The server does not know a command any more: how it ended cannot be told. */
  forgotten: string;
  /** The state told up to here is complete; missed output may still follow. */
  resynced: undefined;
  /** An error that answers nothing that was asked through this client. */
  error: ErrorMessage;
}
