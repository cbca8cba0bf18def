// What waits for a person: asked for anew whenever something happened that may have changed it.

import { type QueryClient, useQuery } from "@tanstack/react-query";
import type { DashboardClient, rest, SessionsClient } from "pilothouse-client";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { Batch } from "./batch";

/** As many as anybody can look through; the count beside them says if there are more. */
const MOST = 200;

/** Has the list asked for anew when it may have changed, until what it returns is called. */
export function attendAttention(
  dashboard: DashboardClient,
  sessions: SessionsClient,
  cache: QueryClient,
): () => void {
  const batch = new Batch(() => void cache.invalidateQueries({ queryKey: keys.attention }));
  const touch = () => batch.touch();
  const offs = [
    dashboard.on("status", ({ status }) => {
      if (status !== "queued") touch();
    }),
    dashboard.on("agents", touch),
    dashboard.on("agent", touch),
    dashboard.on("queue", touch),
    dashboard.on("resynced", touch),
    sessions.on("sync", touch),
    sessions.on("updated", touch),
    sessions.on("deleted", touch),
    sessions.on("activity", touch),
  ];
  return () => {
    for (const off of offs) off();
    batch.stop();
  };
}

/** What waits for a person, the longest waiting first. */
export function useAttention<T = readonly rest.WaitingItem[]>(
  select?: (items: readonly rest.WaitingItem[]) => T,
) {
  const { rest } = useServer();
  return useQuery({
    queryKey: keys.attention,
    queryFn: async ({ signal }): Promise<readonly rest.WaitingItem[]> => {
      const query = { limit: MOST };
      return (await rest.call("GET /api/v1/attention", { query, signal })).items;
    },
    staleTime: Number.POSITIVE_INFINITY,
    ...(select === undefined ? {} : { select }),
  });
}
