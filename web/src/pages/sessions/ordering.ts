// Which sessions the list shows, in which order and groups. Pure, and quick for ten thousand.

import type { sessionsAndWorkers } from "pilothouse-client";
import {
  begunLast,
  SESSION_STANDINGS,
  type SessionStanding,
  sessionName,
  sessionStanding,
} from "@/features/sessions/standing";
import type { Order, SessionsSearch } from "./search";

type Session = sessionsAndWorkers.Session;
type Activity = sessionsAndWorkers.AgentActivityState;

/** A session with what the list sorts by. */
export interface Listed {
  readonly session: Session;
  readonly standing: SessionStanding;
  /** Since when the longest waiting of its workers asks, in milliseconds since 1970. */
  readonly asksSince: number | undefined;
}

/** A row of the list: the head of a group, or a session. */
export type Row =
  | {
      readonly kind: "group";
      readonly id: SessionStanding;
      readonly words: string;
      readonly count: number;
    }
  | ({ readonly kind: "session" } & Listed);

/** What the list is made from. */
export interface Sources {
  readonly sessions: Iterable<Session>;
  readonly activityOf: (workerId: string) => Activity;
  /** Since when a worker asks, if it does. */
  readonly asksSince: (workerId: string) => number | undefined;
  readonly agentName: (agentId: string) => string;
}

/** The sessions that fit what is looked for. */
export function listed(sources: Sources, search: SessionsSearch): readonly Listed[] {
  const words = (search.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const found: Listed[] = [];
  for (const session of sources.sessions) {
    if (search.agent !== undefined && session.agent !== search.agent) continue;
    if (search.kind !== undefined && session.type !== search.kind) continue;
    const standing = sessionStanding(session, sources.activityOf);
    if (search.standing !== undefined && standing !== search.standing) continue;
    if (words.length > 0 && !hasAll(session, sources.agentName(session.agent), words)) continue;
    const asksSince = standing === "asking" ? longest(session, sources) : undefined;
    found.push({ session, standing, asksSince });
  }
  return found;
}

function hasAll(session: Session, agentName: string, words: readonly string[]): boolean {
  const branch = session.type === "worktree" ? session.worktreeId : "";
  const workers = session.workers.map(({ name }) => name).join("\n");
  const text = [
    session.title ?? "",
    session.locationPath,
    branch,
    session.agent,
    agentName,
    workers,
  ]
    .join("\n")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

function longest(session: Session, { asksSince, activityOf }: Sources): number | undefined {
  const since = session.workers
    .filter(({ id }) => activityOf(id) === "asking")
    .map(({ id }) => asksSince(id) ?? Number.POSITIVE_INFINITY);
  const first = Math.min(...since);
  return Number.isFinite(first) ? first : undefined;
}

/** How many sessions stand how. */
export function counted(all: readonly Listed[]): ReadonlyMap<SessionStanding, number> {
  const counts = new Map<SessionStanding, number>();
  for (const { standing } of all) counts.set(standing, (counts.get(standing) ?? 0) + 1);
  return counts;
}

/** The rows of the list: in groups by standing, or without groups in another order. */
export function rows(all: readonly Listed[], order: Order): readonly Row[] {
  const asRow = (one: Listed): Row => ({ kind: "session", ...one });
  if (order === "name") return all.toSorted(byName).map(asRow);
  if (order === "newest") return all.toSorted(byAge).map(asRow);
  return SESSION_STANDINGS.flatMap(({ id, words }): readonly Row[] => {
    const group = all.filter(({ standing }) => standing === id);
    if (group.length === 0) return [];
    const sorted = group.sort(id === "asking" ? byWait : byAge);
    return [{ kind: "group", id, words, count: group.length }, ...sorted.map(asRow)];
  });
}

const byAge = (one: Listed, other: Listed) =>
  begunLast(other.session) - begunLast(one.session) || byId(one, other);

const byWait = (one: Listed, other: Listed) =>
  (one.asksSince ?? Date.parse(one.session.createdAt)) -
    (other.asksSince ?? Date.parse(other.session.createdAt)) || byId(one, other);

const byName = (one: Listed, other: Listed) =>
  sessionName(one.session).localeCompare(sessionName(other.session), undefined, {
    numeric: true,
    sensitivity: "base",
  }) || byId(one, other);

const byId = (one: Listed, other: Listed) => (one.session.id < other.session.id ? -1 : 1);
