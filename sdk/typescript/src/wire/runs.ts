export type ClientMessage =
  | { type: "authenticate"; token: string }
  | { type: "start_agent"; runId: string; afterStep?: number; extended?: boolean }
  | { type: "heartbeat" }
  | { type: "cancel_run"; runId: string; reason?: string }
  | { type: "pause_run"; runId: string }
  | { type: "resume_run"; runId: string }
  | { type: "reply"; runId: string; wait: string; text: string }
  | { type: "decide"; runId: string; wait: string; granted: boolean; reason?: string; always?: boolean };
export type Success = "success" | "failed";
export type Authentication = { status: Success; error?: string; reason?: string };
export type StepUpdate = {
  stepNumber: number;
  screenshot: string;
  action: { type: string; [field: string]: unknown };
  explanation: string;
  runId: string;
};
export type Completion = {
  status: Success;
  commands?: Array<Record<string, unknown>>;
  error?: string;
  finalAnswer?: string;
  runId: string;
};
export type Waiting = {
  id: string;
  kind: "question" | "approval";
  text: string;
  since: string;
  until?: string;
  request?: { method: string; url: string };
};
export type RunStatus = { runId: string; status: "PENDING" | "INPROGRESS"; paused: boolean; waiting?: Waiting };
export type ErrorMessage = { error: string; reason?: string; runId?: string };
export type ServerMessage =
  | ({ type: "authentication" } & Authentication)
  | ({ type: "step_update" } & StepUpdate)
  | ({ type: "completion" } & Completion)
  | ({ type: "run_status" } & RunStatus)
  | ({ type: "error" } & ErrorMessage);
