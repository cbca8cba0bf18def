// What waits for a person: asked for anew whenever the server says that it changed.

import { type QueryClient, useQuery } from "@tanstack/react-query";
import type { DashboardClient, rest } from "pilothouse-client";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { Batch } from "./batch";

/** As many as anybody can look through; the count beside them says if there are more. */
const MOST = 200;

/** Much may change at once; a list of what waits is worth a few questions a second. */
const ASK_MS = 300;
/** Should a change not have been told, it is seen this much later. */
const LOOK_MS = 60_000;

/** Has the list, and the runs that are looked at, asked for anew when it changed, until what it returns is called. */
export function attendAttention(dashboard: DashboardClient, cache: QueryClient): () => void {
  const batch = new Batch(() => void cache.invalidateQueries({ queryKey: keys.attention }), ASK_MS);
  const runs = new Batch(() => {
    void cache.invalidateQueries({ queryKey: keys.runs });
    void cache.invalidateQueries({ queryKey: keys.anyRun });
  }, ASK_MS);
  const offs = [
    dashboard.on("attention", ({ subjectType }) => {
      batch.touch();
      // A run that waits, or does not any longer, has changed as well.
      if (subjectType === "run") runs.touch();
    }),
    dashboard.on("resynced", () => {
      batch.touch();
      runs.touch();
    }),
  ];
  return () => {
    for (const off of offs) off();
    batch.stop();
    runs.stop();
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
    refetchInterval: LOOK_MS,
    ...(select === undefined ? {} : { select }),
  });
}
