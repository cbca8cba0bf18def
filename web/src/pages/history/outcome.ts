// How a command is, in a word, a number and a colour.

import type { rest } from "pilothouse-client";
import { exactSpan, moment } from "@/ui/ages";
import type { Tone } from "@/ui/Badge";

/** How it is. */
export interface Outcome {
  readonly word: string;
  /** Beside the word, such as "exit 1". */
  readonly number?: string;
  readonly tone: Tone;
  readonly isLive?: boolean;
}

/** Of one command. */
export function outcomeOf({ status, exitCode, signal, queuePosition }: rest.Command): Outcome {
  const exit =
    signal ?? (exitCode === undefined || exitCode === null ? undefined : `exit ${exitCode}`);
  const number = exit === undefined ? {} : { number: exit };
  if (status === "running") return { word: "Running", tone: "accent", isLive: true };
  if (status === "queued") {
    const place = queuePosition ? { number: `no. ${queuePosition}` } : {};
    return { word: "Queued", tone: "neutral", ...place };
  }
  if (status === "completed") return { word: "Completed", tone: "ok", ...number };
  if (status === "interrupted") return { word: "Interrupted", tone: "warn", ...number };
  return { word: "Failed", tone: "bad", ...number };
}

/** How long it ran, in words; absent while it has not. */
export function durationOf({
  executionTime,
  startedAt,
  endedAt,
}: rest.Command): string | undefined {
  if (executionTime !== undefined && executionTime !== null) return exactSpan(executionTime);
  if (!startedAt || !endedAt) return undefined;
  return exactSpan(moment(endedAt) - moment(startedAt));
}

/** Why it failed, where the number does not say it already. */
export function reasonOf({ error, exitCode }: rest.Command): string | undefined {
  return !error || error === `exited with ${exitCode}` ? undefined : error;
}
