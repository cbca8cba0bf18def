// How workers and sessions are, in the few words that count for whoever looks after them. Pure.

import type { sessionsAndWorkers } from "pilothouse-client";
import type { Tone } from "@/ui/Badge";

type Session = sessionsAndWorkers.Session;
type Worker = sessionsAndWorkers.Worker;
type Activity = sessionsAndWorkers.AgentActivityState;

/** How a worker is; the more it wants somebody, the earlier it is here. */
export const STANDINGS = [
  "asking",
  "active",
  "starting",
  "idle",
  "open",
  "failed",
  "ended",
  "away",
] as const;

/** How a worker is. */
export type Standing = (typeof STANDINGS)[number];

/** How a worker of a session is. */
export function standingOf(
  worker: Worker,
  activity: Activity,
  status: sessionsAndWorkers.SessionStatus,
): Standing {
  if (worker.state === "ended") return (worker.exitCode ?? 0) === 0 ? "ended" : "failed";
  if (status === "inactive") return "away";
  if (worker.state === "starting") return "starting";
  if (worker.type === "terminal" || activity === "unknown") return "open";
  return activity;
}

/** How it is, in words. */
export function standingWords(standing: Standing, worker: Worker): string {
  switch (standing) {
    case "asking":
      return "asks";
    case "active":
      return "at work";
    case "starting":
      return "starting";
    case "idle":
      return "idle";
    case "open":
      return "open";
    case "failed":
      return `exit ${worker.exitCode ?? 1}`;
    case "ended":
      return "ended";
    case "away":
      return "away";
  }
}

/** The colour of a standing; its shape and word say it too. */
export const STANDING_TONES: Record<Standing, Tone> = {
  asking: "warn",
  active: "accent",
  starting: "neutral",
  idle: "ok",
  open: "ok",
  failed: "bad",
  ended: "neutral",
  away: "neutral",
};

/** How a session is. */
export type SessionStanding = "asking" | "active" | "idle" | "ended" | "away";

/** In the order in which they are shown, with their words. */
export const SESSION_STANDINGS: readonly {
  readonly id: SessionStanding;
  readonly words: string;
}[] = [
  { id: "asking", words: "Waits for you" },
  { id: "active", words: "At work" },
  { id: "idle", words: "Idle" },
  { id: "ended", words: "Nothing runs" },
  { id: "away", words: "Agent away" },
];

/** How a session is: as its worker that most wants somebody. */
export function sessionStanding(
  session: Session,
  activityOf: (workerId: string) => Activity,
): SessionStanding {
  if (session.status === "inactive") return "away";
  let best: SessionStanding = "ended";
  for (const worker of session.workers) {
    const standing = standingOf(worker, activityOf(worker.id), session.status);
    if (standing === "asking") return "asking";
    if (standing === "active" || standing === "starting") best = "active";
    else if (best === "ended" && (standing === "idle" || standing === "open")) best = "idle";
  }
  return best;
}

/** What people call a session: its title, or else the last part of its folder. */
export const sessionName = ({
  title,
  locationPath,
}: {
  readonly title?: string | null;
  readonly locationPath: string;
}): string => title ?? (locationPath.split("/").findLast((part) => part !== "") || "/");

/** Workers of a session that have not ended. */
export const runningIn = ({ workers }: Session): readonly Worker[] =>
  workers.filter(({ state }) => state !== "ended");

/** When something was begun in a session last, in milliseconds since 1970. */
export const begunLast = ({ createdAt, workers }: Session): number =>
  workers.reduce(
    (newest, worker) => Math.max(newest, Date.parse(worker.createdAt)),
    Date.parse(createdAt),
  );
