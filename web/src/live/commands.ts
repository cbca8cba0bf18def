// Where commands are in their lives, from the dashboard's events into the query cache.

import { type QueryClient, useQuery } from "@tanstack/react-query";
import type { DashboardClient, dashboard } from "pilothouse-client";
import { keys } from "@/api/keys";
import { Batch } from "./batch";

/** The newest statuses, by command id. A new map with every change. */
export type Statuses = ReadonlyMap<string, dashboard.CommandStatus>;

/** Commands whose status is kept; lists that REST tells have caught up long before it is forgotten. */
const MOST = 500;
/** Lists are asked for anew at most so often, however many commands end. */
const LISTS_MS = 500;

/** Whether a command in this state is over, for good. */
export const isOver = (state: string): boolean => state !== "queued" && state !== "running";

/** Whether a query is a list of commands in which those of these agents may be. */
function isListOf(queryKey: readonly unknown[], agentIds: ReadonlySet<string>): boolean {
  const [name, query] = queryKey;
  if (name !== "commands") return false;
  if (typeof query !== "object" || query === null || !("agentId" in query)) return true;
  return typeof query.agentId !== "string" || agentIds.has(query.agentId);
}

/** Keeps statuses in the cache true, and has lists asked for anew, until what it returns is called. */
export function attendCommands(client: DashboardClient, cache: QueryClient): () => void {
  const statuses = new Map<string, dashboard.CommandStatus>();
  const touched = new Set<string>();
  const agentIds = new Set<string>();

  const told = new Batch(() => {
    cache.setQueryData<Statuses>(keys.statuses, new Map(statuses));
    const changed = new Set(touched);
    touched.clear();
    void cache.invalidateQueries({
      predicate: ({ queryKey: [name, id] }) =>
        name === "command" && typeof id === "string" && changed.has(id),
    });
  });
  const lists = new Batch(() => {
    const changed = new Set(agentIds);
    agentIds.clear();
    void cache.invalidateQueries({ predicate: ({ queryKey }) => isListOf(queryKey, changed) });
  }, LISTS_MS);

  const offs = [
    client.on("status", (status) => {
      const { commandId, agentId } = status;
      const known = statuses.get(commandId);
      statuses.delete(commandId);
      statuses.set(commandId, { ...known, ...status });
      const [oldest] = statuses.keys();
      if (statuses.size > MOST && oldest !== undefined) statuses.delete(oldest);
      touched.add(commandId);
      agentIds.add(agentId);
      told.touch();
      lists.touch();
    }),
    client.on("forgotten", (commandId) => {
      statuses.delete(commandId);
      touched.add(commandId);
      told.touch();
    }),
  ];
  return () => {
    for (const off of offs) off();
    told.stop();
    lists.stop();
  };
}

/** The newest status of a command; absent if nothing was heard of it since the page was opened. */
export function useCommandStatus(commandId: string): dashboard.CommandStatus | undefined {
  return useQuery({
    queryKey: keys.statuses,
    // Only `live` has it to give.
    queryFn: () => new Promise<Statuses>(() => {}),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
    select: (statuses: Statuses) => statuses.get(commandId),
  }).data;
}
