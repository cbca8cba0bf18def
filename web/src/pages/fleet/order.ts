// Which agents are listed, and in what order. Pure.

import type { Fleet, LiveAgent } from "@/live/fleet";
import type { FleetSearch, ShownStatus, Sort } from "./search";

/** What is counted beside the filters. */
export type Counts = Readonly<Record<ShownStatus | "all", number>>;

/** Busy and idle agents matter more than those that are away. */
const RANKS = { error: 1, busy: 2, online: 3, offline: 4 } as const;

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const byName = (a: LiveAgent, b: LiveAgent) =>
  collator.compare(a.agent.name, b.agent.name) ||
  collator.compare(a.agent.agentId, b.agent.agentId);

/** Whether all words are somewhere in what an agent's row says. */
function fits({ agent, running }: LiveAgent, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const { agentId, name, agentType, metadata } = agent;
  const line = running?.command ?? "";
  const text = `${agentId} ${name} ${agentType} ${metadata.host} ${line}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

const has = ({ agent, queue }: LiveAgent, status: ShownStatus): boolean =>
  status === "held" ? queue?.held !== undefined : agent.status === status;

function sorted(agents: LiveAgent[], sort: Sort, waiting: ReadonlySet<string>): LiveAgent[] {
  if (sort === "name") return agents.sort(byName);
  if (sort === "activity") {
    return agents.sort((a, b) => b.agent.lastActivity - a.agent.lastActivity || byName(a, b));
  }
  const rank = ({ agent }: LiveAgent) => (waiting.has(agent.agentId) ? 0 : RANKS[agent.status]);
  return agents.sort((a, b) => rank(a) - rank(b) || byName(a, b));
}

/** How many of each there are, and the ids of those that are shown, in order. `waiting` names agents that wait for a person. */
export function ordered(
  fleet: Fleet,
  { q = "", status, sort = "urgency" }: FleetSearch,
  waiting: ReadonlySet<string>,
): { readonly ids: readonly string[]; readonly counts: Counts } {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const counts = { all: 0, busy: 0, online: 0, error: 0, offline: 0, held: 0 };
  const shown: LiveAgent[] = [];
  for (const live of fleet.values()) {
    if (!fits(live, words)) continue;
    counts.all += 1;
    counts[live.agent.status] += 1;
    if (live.queue?.held !== undefined) counts.held += 1;
    if (status === undefined || has(live, status)) shown.push(live);
  }
  return { ids: sorted(shown, sort, waiting).map(({ agent }) => agent.agentId), counts };
}

/** The order as it was, for as long as somebody points at it: who has gone is left out, who is there anew comes last. */
export function steady(before: readonly string[], now: readonly string[]): readonly string[] {
  const present = new Set(now);
  const kept = before.filter((id) => present.has(id));
  const known = new Set(kept);
  return [...kept, ...now.filter((id) => !known.has(id))];
}
