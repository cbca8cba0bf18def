// Sessions and what their workers do, from the sessions door into the query cache.

import { type QueryClient, useQuery } from "@tanstack/react-query";
import type { SessionsClient, sessionsAndWorkers } from "pilothouse-client";
import { keys } from "@/api/keys";
import { Batch } from "./batch";

/** All sessions, by id. A new map with every change; unchanged sessions are the same objects. */
export type Sessions = ReadonlyMap<string, sessionsAndWorkers.Session>;

/** What agent workers do, by worker id. */
export type Activities = ReadonlyMap<string, sessionsAndWorkers.AgentActivityState>;

/** Keeps sessions and activities in the cache true, until what it returns is called. */
export function attendSessions(client: SessionsClient, cache: QueryClient): () => void {
  const batch = new Batch(() => {
    const sessions: Sessions = new Map(client.sessions);
    const activities = new Map<string, sessionsAndWorkers.AgentActivityState>();
    for (const session of sessions.values()) {
      for (const { id } of session.workers) activities.set(id, client.activityOf(id));
    }
    cache.setQueryData<Sessions>(keys.sessions, sessions);
    cache.setQueryData<Activities>(keys.activities, activities);
  });
  const touch = () => batch.touch();
  const offs = [
    client.on("sync", touch),
    client.on("created", touch),
    client.on("updated", touch),
    client.on("deleted", touch),
    client.on("activity", touch),
  ];
  return () => {
    for (const off of offs) off();
    batch.stop();
  };
}

const live = {
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  structuralSharing: false,
} as const;

/** All sessions; absent until the server has told them. */
export function useSessions<T = Sessions>(select?: (sessions: Sessions) => T) {
  return useQuery({
    queryKey: keys.sessions,
    queryFn: () => new Promise<Sessions>(() => {}),
    ...live,
    ...(select === undefined ? {} : { select }),
  });
}

/** What agent workers do; absent until the server has told it. */
export function useActivities<T = Activities>(select?: (activities: Activities) => T) {
  return useQuery({
    queryKey: keys.activities,
    queryFn: () => new Promise<Activities>(() => {}),
    ...live,
    ...(select === undefined ? {} : { select }),
  });
}
