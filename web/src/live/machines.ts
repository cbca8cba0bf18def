// Agents by what others need of them: names, and where terminals can be. They change seldom, while the fleet always does.

import { useMemo } from "react";
import { type Fleet, useFleet } from "./fleet";

/** An agent on whose machine terminals can be. */
export interface Machine {
  readonly id: string;
  readonly name: string;
  readonly isThere: boolean;
}

// Text compares by what it says: whoever shows names is not shown anew when an agent's queue changes.
const namesIn = (fleet: Fleet): string =>
  JSON.stringify([...fleet.values()].map(({ agent }) => [agent.agentId, agent.name]));

/** What agents are called, by id. The same map until a name changes. */
export function useAgentNames(): ReadonlyMap<string, string> {
  const text = useFleet(namesIn).data ?? "[]";
  return useMemo(() => {
    const entries: readonly (readonly [string, string])[] = JSON.parse(text);
    return new Map(entries);
  }, [text]);
}

const machinesIn = (fleet: Fleet): string =>
  JSON.stringify(
    [...fleet.values()]
      .filter(({ agent }) => agent.capabilities.includes("terminals"))
      .map(({ agent }) => ({
        id: agent.agentId,
        name: agent.name,
        isThere: agent.status !== "offline",
      }))
      .sort(
        (one, other) =>
          Number(other.isThere) - Number(one.isThere) || one.name.localeCompare(other.name),
      ),
  );

/** Agents that have terminals, those that are there first. The same list until something of it changes. */
export function useMachines(): readonly Machine[] {
  const text = useFleet(machinesIn).data ?? "[]";
  return useMemo(() => {
    const machines: readonly Machine[] = JSON.parse(text);
    return machines;
  }, [text]);
}
