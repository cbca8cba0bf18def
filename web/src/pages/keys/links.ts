// Which links a key holds open: what is cut when it is revoked.

import type { rest } from "pilothouse-client";
import type { Fleet } from "@/live/fleet";

/** The agents that came through a key and are linked now, by id. */
export function linkedThrough(
  key: rest.AgentKey,
  all: readonly rest.AgentKey[],
  fleet: Fleet,
): readonly string[] {
  const enrolled = all.filter((other) => other.parentId === key.id && other.status === "active");
  const ids = [key, ...enrolled].flatMap(({ agentId }) => (agentId ? [agentId] : []));
  const isLinked = (id: string) => {
    const status = fleet.get(id)?.agent.status;
    return status !== undefined && status !== "offline";
  };
  return [...new Set(ids)].filter(isLinked).toSorted();
}

/** Names of agents in a sentence: "build-1", "build-1 and build-2", "build-1, build-2 and 3 more". */
export function listed(names: readonly string[], most = 4): string {
  if (names.length > most) {
    const shown = names.slice(0, most - 1);
    return `${shown.join(", ")} and ${names.length - shown.length} more`;
  }
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

/** The keys that count first; of those, and of the others, the newest first. */
export const ordered = (keys: readonly rest.AgentKey[]): readonly rest.AgentKey[] =>
  keys.toSorted(
    (a, b) =>
      Number(b.status === "active") - Number(a.status === "active") ||
      b.createdAt.localeCompare(a.createdAt),
  );
