// How a run is and what it is called, in the few words that count for whoever looks after it. Pure.

import type { Run } from "pilothouse-client";
import type { Tone } from "@/ui/Badge";

/** How it is. */
export interface RunStanding {
  readonly words: string;
  readonly tone: Tone;
  /** Whether something goes on. */
  readonly isLive: boolean;
}

const ENDS: Readonly<Record<string, RunStanding>> = {
  COMPLETED: { words: "Completed", tone: "ok", isLive: false },
  FAILED: { words: "Failed", tone: "bad", isLive: false },
  CANCELLED: { words: "Cancelled", tone: "warn", isLive: false },
};

/** Of one run. */
export function standingOf({ status, waiting, paused }: Run): RunStanding {
  const end = ENDS[status];
  if (end !== undefined) return end;
  if (waiting?.kind === "approval") {
    return { words: "Wants approval", tone: "warn", isLive: false };
  }
  if (waiting?.kind === "question") return { words: "Asks", tone: "warn", isLive: false };
  if (paused === true) return { words: "Paused", tone: "warn", isLive: false };
  if (status === "PENDING") return { words: "Waits to begin", tone: "neutral", isLive: false };
  return { words: "Running", tone: "accent", isLive: true };
}

/** What it is called, in one line. */
export function runName({ task, script, heals, id }: Run): string {
  const line = task?.trim().split("\n")[0];
  if (line !== undefined && line !== "") return line;
  const count = script?.length ?? 0;
  if (count === 0) return id;
  const kind = heals === true ? "Replay" : "Script";
  return `${kind} of ${count} ${count === 1 ? "action" : "actions"}`;
}

/** Whether somebody may pause, resume, cancel and answer it: whoever made it, or an administrator. */
export const mayManage = (
  { userId }: Run,
  user: { readonly id: string },
  may: { readonly act: boolean; readonly administer: boolean },
): boolean => may.administer || (may.act && userId === user.id);
