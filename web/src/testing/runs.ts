// Runs as the pretended server tells them.

import type { Run, RunStep } from "pilothouse-client";

/** A run of ann's that is under way. */
export const aRun = (more: Partial<Run> = {}): Run => ({
  id: "run-1",
  status: "INPROGRESS",
  agentId: "shop-1",
  userId: "usr-ann",
  requestedBy: "ann",
  requestedAt: "2026-01-01T00:00:00Z",
  startedAt: "2026-01-01T00:00:01Z",
  stepCount: 0,
  maxSteps: 25,
  timeout: 600_000,
  idleTime: 0,
  approval: false,
  heals: false,
  paused: false,
  browserId: more.sessionId ?? more.id ?? "run-1",
  task: "Buy a teapot",
  ...more,
});

/** A step of it. */
export const aStep = (number: number, more: Partial<RunStep> = {}): RunStep => ({
  number,
  action: { type: "click", role: "button", name: `Button ${number}` },
  explanation: `because of ${number}`,
  at: `2026-01-01T00:00:${String(number).padStart(2, "0")}Z`,
  hasScreenshot: true,
  ...more,
});

/** An answer of this family of routes. */
export const told = <Fields extends object>(fields: Fields) => ({
  status: "success",
  data: fields,
  ...fields,
});

/** A refusal of it. */
export const refused = (status: number, message: string): Response =>
  Response.json({ status: "error", message }, { status });
