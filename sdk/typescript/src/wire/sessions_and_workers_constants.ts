// Made by `cargo xtask codegen`. Do not edit.
import type {
  AppClientMessage,
  AppServerMessage,
  WorkerClientMessage,
  WorkerServerMessage,
} from "./sessions_and_workers.js";

/** The types of messages from the server at `/ws/app`. */
export const APP_SERVER_MESSAGE_TYPES = {
  "sessions-sync": true,
  "session-created": true,
  "session-updated": true,
  "session-deleted": true,
  "worker-activity": true,
  "error": true,
} as const satisfies Record<AppServerMessage["type"], true>;

/** The types of messages from clients at `/ws/app`. */
export const APP_CLIENT_MESSAGE_TYPES = {
  "request-sync": true,
} as const satisfies Record<AppClientMessage["type"], true>;

/** The types of messages from the server at a worker's door. */
export const WORKER_SERVER_MESSAGE_TYPES = {
  "output": true,
  "history": true,
  "activity": true,
  "exit": true,
  "error": true,
  "worker": true,
  "resized": true,
  "viewers": true,
  "history-range": true,
} as const satisfies Record<WorkerServerMessage["type"], true>;

/** The types of messages from clients at a worker's door. */
export const WORKER_CLIENT_MESSAGE_TYPES = {
  "input": true,
  "resize": true,
  "image": true,
  "request-history-range": true,
} as const satisfies Record<WorkerClientMessage["type"], true>;
