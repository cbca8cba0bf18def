// Everything that users of the package need. What the wire looks like is in `dashboard`, `missionControl`,
// `runs`, `sessionsAndWorkers` and `rest`.

export type { TokenPlace } from "./connection/address.js";
export type { Loss } from "./connection/attempt.js";
export { BACKOFFS, type Backoff, waitMs } from "./connection/backoff.js";
export { afterClose, type Return } from "./connection/codes.js";
export {
  Connection,
  type ConnectionEvents,
  type ConnectionState,
  type Waiting,
} from "./connection/connection.js";
export { type Decode, decoderOf, type KnownTypes } from "./connection/decode.js";
export type { Listener } from "./connection/events.js";
export type { HeartbeatPlan } from "./connection/heartbeat.js";
export type { ConnectionOptions, Protocol } from "./connection/options.js";
export type { Overflow } from "./connection/outbox.js";
export { type OpenSocket, openGlobalSocket, type SocketLike } from "./connection/socket.js";
export type { TokenReason, TokenSource } from "./connection/token.js";
export * from "./errors.js";
export type {
  SessionStatus,
  SubscriptionType,
  TaskError,
  TaskLogs,
  TaskProgress,
  TaskState,
  TaskStatus,
} from "./protocols/control/messages.js";
export {
  ControlClient,
  type ControlEvents,
  type ControlOptions,
} from "./protocols/control_and_stream.js";
export { Command, type OutputPiece } from "./protocols/dashboard/command.js";
export type { DashboardEvents, DashboardState, OutputGap } from "./protocols/dashboard/events.js";
export type { Follow } from "./protocols/dashboard/ledger.js";
export {
  DASHBOARD_SERVER_MESSAGE_TYPES,
  type DashboardOptions,
  type RunOptions,
} from "./protocols/dashboard/options.js";
export { DashboardClient } from "./protocols/dashboard.js";
export type {
  BrowserInput,
  ControlAction,
  LiveControl,
  LivePicture,
  LiveRefusal,
  LiveStatus,
  LiveTab,
  LiveWatcher,
  Modifiers,
  Pacing,
  PictureMetadata,
} from "./protocols/live/messages.js";
export type { LiveEvents, LiveOptions, Staleness } from "./protocols/live/options.js";
export { LiveClient } from "./protocols/live.js";
export {
  MISSION_CONTROL_SERVER_MESSAGE_TYPES,
  MissionControlClient,
  type MissionControlEvents,
  type MissionControlOptions,
} from "./protocols/mission_control.js";
export type { FollowedRun, RunEvents } from "./protocols/runs/followed.js";
export {
  type Decision,
  RUNS_SERVER_MESSAGE_TYPES,
  RunsClient,
  type RunsEvents,
  type RunsOptions,
  type StartOptions,
} from "./protocols/runs.js";
export { SessionsClient, type SessionsEvents } from "./protocols/sessions.js";
export type { Shown } from "./protocols/worker/place.js";
export type { Viewer, Viewers } from "./protocols/worker/viewers.js";
export { WorkerClient, type WorkerEvents, type WorkerOptions } from "./protocols/worker.js";
export type { Browser, PictureRecording, RecordedPicture } from "./rest/browsers.js";
export { RestClient, type RestOptions } from "./rest/client.js";
export { RestError, UnreachableError } from "./rest/errors.js";
export { commandOutput, type OutputOptions, type ReadOutput } from "./rest/output.js";
export type { Answer, Call, CallOptions, PagedRoute, Route } from "./rest/request.js";
export {
  type Run,
  type RunAction,
  type RunDecision,
  type RunQuery,
  type RunStatus,
  type RunStep,
  Runs,
  type RunWait,
  type RunWish,
} from "./rest/runs.js";
export type * as dashboard from "./wire/dashboard.js";
export type * as missionControl from "./wire/mission_control.js";
export type * as rest from "./wire/rest.js";
export type * as runs from "./wire/runs.js";
export type * as sessionsAndWorkers from "./wire/sessions_and_workers.js";
export type { AppClientMessage, AppServerMessage } from "./wire/sessions_and_workers.js";
export * from "./wire/sessions_and_workers_constants.js";
