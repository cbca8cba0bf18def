// Workers with their sessions, and those that a wall begins with. Pure.

import type { sessionsAndWorkers } from "pilothouse-client";
import { STANDINGS, standingOf } from "@/features/sessions/standing";
import type { Activities, Sessions } from "@/live/sessions";
import { placeOf, tabOf } from "./tabs";

/** A worker with its session. */
export interface Place {
  readonly session: sessionsAndWorkers.Session;
  readonly worker: sessionsAndWorkers.Worker;
}

/** The worker of a tab, if it is there. */
export function workerOf(sessions: Sessions | undefined, tab: string): Place | undefined {
  const { sessionId, workerId } = placeOf(tab);
  const session = sessions?.get(sessionId);
  const worker = session?.workers.find(({ id }) => id === workerId);
  return session === undefined || worker === undefined ? undefined : { session, worker };
}

/** The tabs of those workers that most want somebody to look, no more than `most`; none that have ended. */
export function mostWanted(
  sessions: Sessions,
  activities: Activities | undefined,
  most: number,
): readonly string[] {
  const ranked = [...sessions.values()].flatMap((session) =>
    session.workers
      .filter(({ state }) => state !== "ended")
      .map((worker) => ({
        tab: tabOf({ sessionId: session.id, workerId: worker.id }),
        rank: STANDINGS.indexOf(
          standingOf(worker, activities?.get(worker.id) ?? "unknown", session.status),
        ),
        begun: Date.parse(worker.createdAt),
      })),
  );
  ranked.sort((one, other) => one.rank - other.rank || other.begun - one.begun);
  return ranked.slice(0, most).map(({ tab }) => tab);
}
