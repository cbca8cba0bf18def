// What waits for a person, in words, and what answers it.

import type { rest } from "pilothouse-client";

const REASONS: Readonly<Record<string, string>> = {
  workerAsks: "asks",
  workerFailed: "ended with an error",
  commandFailed: "command failed",
  runFailed: "run failed",
  runAsks: "run asks",
  runWantsApproval: "run wants approval",
  agentLost: "is away",
  agentTrouble: "is in trouble",
};

/** The reason, as it goes on after the agent's name. */
export const reasonWords = ({ reason }: rest.WaitingItem): string => REASONS[reason] ?? reason;

/** What is to be looked at. */
export type Answer =
  | { readonly is: "terminal"; readonly sessionId: string; readonly workerId: string }
  | { readonly is: "command"; readonly commandId: string }
  | { readonly is: "run"; readonly runId: string }
  | { readonly is: "agent"; readonly agentId: string };

/** Where an item is answered. */
export function answerOf({ subjectType, subjectId, sessionId, agentId }: rest.WaitingItem): Answer {
  if (subjectType === "command") return { is: "command", commandId: subjectId };
  if (subjectType === "run") return { is: "run", runId: subjectId };
  if (subjectType === "worker" && typeof sessionId === "string") {
    return { is: "terminal", sessionId, workerId: subjectId };
  }
  return { is: "agent", agentId };
}

/** Its name in lists. */
export const itemKey = ({ subjectType, subjectId }: rest.WaitingItem): string =>
  `${subjectType} ${subjectId}`;
