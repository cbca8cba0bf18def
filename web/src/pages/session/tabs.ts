// How tabs of a workspace name workers: by session and worker, so that workers of other sessions fit in too. Pure.

/** A worker, by its ids. */
export interface WorkerPlace {
  readonly sessionId: string;
  readonly workerId: string;
}

/** The tab of a worker. */
export const tabOf = ({ sessionId, workerId }: WorkerPlace): string => `${sessionId}/${workerId}`;

/** The worker of a tab. */
export function placeOf(tab: string): WorkerPlace {
  const [sessionId = "", workerId = ""] = tab.split("/");
  return { sessionId, workerId };
}
