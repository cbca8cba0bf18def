// What the address says of the list: which sessions, in which order, and which dialog is open. Pure.

import { SESSION_STANDINGS, type SessionStanding } from "@/features/sessions/standing";

/** The order of the list. */
export type Order = "standing" | "newest" | "name";

/** See the top of the file. What is absent does not narrow the list. */
export interface SessionsSearch {
  /** Words that a session has to have: in its name, folder, branch, agent or workers. */
  readonly q?: string;
  readonly agent?: string;
  readonly kind?: "quick" | "worktree";
  readonly standing?: SessionStanding;
  readonly order?: Exclude<Order, "standing">;
  /** The dialog in which a session is made is open; `agent` says where. */
  readonly new?: 1;
  /** The dialog of agent types is open. */
  readonly "agent-types"?: 1;
  /** The dialog of repositories and worktrees is open. */
  readonly repositories?: 1;
  /** Terminals to show side by side, as `session/worker,session/worker`. */
  readonly wall?: string;
}

/** Reads it from an address; what makes no sense is left out. */
export function sessionsSearch(raw: Record<string, unknown>): SessionsSearch {
  const { q, agent, kind, order } = raw;
  const standing = SESSION_STANDINGS.find(({ id }) => id === raw.standing)?.id;
  return {
    ...text("q", q),
    ...text("agent", agent),
    ...text("wall", raw.wall),
    ...(kind === "quick" || kind === "worktree" ? { kind } : {}),
    ...(standing === undefined ? {} : { standing }),
    ...(order === "newest" || order === "name" ? { order } : {}),
    ...(isOn(raw.new) ? { new: 1 as const } : {}),
    ...(isOn(raw["agent-types"]) ? { "agent-types": 1 as const } : {}),
    ...(isOn(raw.repositories) ? { repositories: 1 as const } : {}),
  };
}

/** Numbers in addresses are read as numbers. */
function text<const Name extends string>(
  name: Name,
  value: unknown,
): { readonly [N in Name]?: string };
function text(name: string, value: unknown): Record<string, string> {
  const words = typeof value === "number" ? String(value) : value;
  return typeof words === "string" && words !== "" ? { [name]: words } : {};
}

const isOn = (value: unknown): boolean => value === 1 || value === true || value === "1";
