// What waits for a person: asked for anew whenever something happened that may have changed it.

import { type QueryClient, useQuery } from "@tanstack/react-query";
import type { DashboardClient, rest, SessionsClient } from "pilothouse-client";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { Batch } from "./batch";

/** As many as anybody can look through; the count beside them says if there are more. */
const MOST = 200;

/** Many agents may change at once; a list of what waits is worth one question a second. */
const ASK_MS = 1000;
/** What nobody told, such as that somebody else dismissed something, is seen this much later. */
const LOOK_MS = 30_000;

const isTrouble = (status: string | undefined) => status === "error" || status === "offline";

/** Has the list asked for anew when it may have changed, until what it returns is called. */
export function attendAttention(
  dashboard: DashboardClient,
  sessions: SessionsClient,
  cache: QueryClient,
): () => void {
  const batch = new Batch(() => void cache.invalidateQueries({ queryKey: keys.attention }), ASK_MS);
  const touch = () => batch.touch();
  const troubled = new Set<string>();
  const holds = new Map<string, string>();
  const offs = [
    dashboard.on("status", ({ status }) => {
      if (status === "failed") touch();
    }),
    dashboard.on("agents", touch),
    dashboard.on("agent", ({ agentId, status }) => {
      const was = troubled.has(agentId);
      if (isTrouble(status)) troubled.add(agentId);
      else troubled.delete(agentId);
      if (was !== troubled.has(agentId)) touch();
    }),
    dashboard.on("queue", ({ agentId, held }) => {
      const cause = held?.cause ?? "";
      if ((holds.get(agentId) ?? "") !== cause) touch();
      if (cause === "") holds.delete(agentId);
      else holds.set(agentId, cause);
    }),
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
    refetchInterval: LOOK_MS,
    ...(select === undefined ? {} : { select }),
  });
}
