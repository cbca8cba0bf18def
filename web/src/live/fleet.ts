// Agents, queues and running commands, from the dashboard's events into the query cache.

import { type QueryClient, useQuery } from "@tanstack/react-query";
import type { DashboardClient, dashboard } from "pilothouse-client";
import { keys } from "@/api/keys";
import { Batch } from "./batch";

/** An agent as it is now. The same object for as long as nothing of it changed. */
export interface LiveAgent {
  readonly agent: dashboard.Agent;
  /** Absent when nothing waits and nothing is held. */
  readonly queue: dashboard.CommandQueue | undefined;
  /** What runs on it. */
  readonly running: dashboard.CommandStatus | undefined;
}

/** All agents, by id. A new map with every change. */
export type Fleet = ReadonlyMap<string, LiveAgent>;

/** Keeps the fleet in the cache true, until what it returns is called. */
export function attendFleet(
  client: DashboardClient,
  cache: QueryClient,
  now: () => number = Date.now,
): () => void {
  let fleet = new Map<string, LiveAgent>();
  const running = new Map<string, dashboard.CommandStatus>();
  // What a command is, is told with its place in the queue; that it runs is told without.
  const queued = new Map<string, dashboard.QueuedCommand>();
  let changed: Set<string> | "all" = new Set();

  const batch = new Batch(() => {
    const next = new Map<string, LiveAgent>();
    for (const [id, agent] of client.agents) {
      const known = fleet.get(id);
      const isSame = known !== undefined && changed !== "all" && !changed.has(id);
      const fresh = { agent, queue: client.queues.get(id), running: running.get(id) };
      next.set(id, isSame ? known : fresh);
    }
    fleet = next;
    changed = new Set();
    cache.setQueryData<Fleet>(keys.fleet, fleet);
  });
  const touch = (agentId: string) => {
    if (changed !== "all") changed.add(agentId);
    batch.touch();
  };
  const touchAll = () => {
    changed = "all";
    batch.touch();
  };

  const offs = [
    client.on("agents", touchAll),
    client.on("agent", ({ agentId }) => touch(agentId)),
    client.on("queue", ({ agentId, queue }) => {
      for (const entry of queue) queued.set(entry.commandId, entry);
      touch(agentId);
    }),
    client.on("status", (status) => {
      const { agentId, commandId } = status;
      const known = running.get(agentId);
      if (status.status === "running") {
        const before = known?.commandId === commandId ? known : undefined;
        const { position: _, ...origin } = queued.get(commandId) ?? {};
        running.set(agentId, { startedAt: now(), ...origin, ...before, ...status });
      } else if (known?.commandId === commandId) {
        running.delete(agentId);
      }
      if (status.status !== "queued") queued.delete(commandId);
      touch(agentId);
    }),
    client.on("forgotten", (commandId) => {
      queued.delete(commandId);
      for (const [agentId, status] of running) {
        if (status.commandId !== commandId) continue;
        running.delete(agentId);
        touch(agentId);
      }
    }),
    client.on("resynced", touchAll),
  ];
  return () => {
    for (const off of offs) off();
    batch.stop();
  };
}

/** The fleet; absent until the server has told it. */
export function useFleet<T = Fleet>(select?: (fleet: Fleet) => T) {
  return useQuery({
    queryKey: keys.fleet,
    // Only `live` has it to give.
    queryFn: () => new Promise<Fleet>(() => {}),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
    ...(select === undefined ? {} : { select }),
  });
}

/** One agent of the fleet. */
export const useLiveAgent = (id: string): LiveAgent | undefined =>
  useFleet((fleet) => fleet.get(id)).data;
