// What is said on the control plane. Every message is flat, and has a `type` and a `timestamp`.

/** What can be subscribed to. */
export type SubscriptionType = "TASK" | "SESSION" | "AGENT";

/** How a task is. */
export type TaskState = "PENDING" | "PROCESSING" | "COMPLETED" | "FAILED";

/** What all messages have. */
export interface Envelope {
  /** In ISO 8601. */
  readonly timestamp: string;
  /** In answers, that of the question. */
  readonly messageId?: string;
}

/** How a task is now. */
export interface TaskStatus {
  readonly taskId: string;
  readonly sessionId: string;
  readonly agentId: string;
  readonly status: TaskState;
  readonly taskType: "BROWSER_AUTOMATION" | "SESSION_START" | "SESSION_END";
  readonly progress?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** How far a task is. */
export interface TaskProgress {
  readonly taskId: string;
  readonly sessionId: string;
  /** 0 to 100. */
  readonly progress: number;
  readonly stage?: string;
  readonly estimatedTimeRemaining?: number;
}

/** What a task said. */
export interface TaskLogs {
  readonly taskId: string;
  readonly sessionId: string;
  readonly logs: readonly string[];
  readonly logLevel: "info" | "warn" | "error" | "debug";
}

/** Why a task failed. */
export interface TaskError {
  readonly taskId: string;
  readonly sessionId: string;
  readonly error: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** How a session is. */
export interface SessionStatus {
  readonly sessionId: string;
  readonly agentId: string;
  readonly isActive: boolean;
  /** When the token ends with which it is watched. */
  readonly expiresAt: string;
  /** In minutes. */
  readonly timeRemaining: number;
}

/** Which subscription. */
export interface Subscription {
  readonly subscriptionType: SubscriptionType;
  readonly targetId: string;
}

type Said<Type extends string, Fields = unknown> = { readonly type: Type } & Envelope & Fields;

/** What the server says. */
export type ControlServerMessage =
  | Said<"CONNECTION_STATUS", { readonly status: string; readonly message?: string }>
  | Said<"AUTHENTICATED">
  | Said<"SUBSCRIBED", Subscription>
  | Said<"UNSUBSCRIBED", Subscription>
  | Said<"PONG">
  | Said<"TASK_STATUS", TaskStatus>
  | Said<"TASK_PROGRESS", TaskProgress>
  | Said<"TASK_LOGS", TaskLogs>
  | Said<"TASK_ERROR", TaskError>
  | Said<"SESSION_STATUS", SessionStatus>
  | Said<"ERROR", { readonly error: string; readonly code?: string }>
  | Said<"BATCH", { readonly messages: readonly unknown[] }>;

/** What clients say. */
export type ControlClientMessage =
  | Said<"AUTHENTICATE", { readonly sessionToken: string; readonly agentId: string }>
  | Said<"SUBSCRIBE", Subscription>
  | Said<"UNSUBSCRIBE", Subscription>
  | Said<"PING">;

/** The types of messages from the server. */
export const CONTROL_SERVER_MESSAGE_TYPES = {
  CONNECTION_STATUS: true,
  AUTHENTICATED: true,
  SUBSCRIBED: true,
  UNSUBSCRIBED: true,
  PONG: true,
  TASK_STATUS: true,
  TASK_PROGRESS: true,
  TASK_LOGS: true,
  TASK_ERROR: true,
  SESSION_STATUS: true,
  ERROR: true,
  BATCH: true,
} as const satisfies Record<ControlServerMessage["type"], true>;
