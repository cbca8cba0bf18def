// Names of what the query cache holds. What sockets keep true is written by `live` alone.

import type { PagedRoute } from "pilothouse-client";

export const keys = {
  /** Kept true by `live`: agents by id, with what runs and waits on them. */
  fleet: ["fleet"],
  /** Kept true by `live`: sessions by id. */
  sessions: ["sessions"],
  /** Kept true by `live`: what agent workers do, by worker id. */
  activities: ["activities"],
  /** Kept true by `live`: the newest statuses of commands, by command id. */
  statuses: ["statuses"],
  /** Kept true by `live` while a view wants it: what agents printed last, by agent id. */
  lastLines: ["lastLines"],
  /** Asked for anew by `live` when it may have changed. */
  attention: ["attention"],
  /** One command as REST tells it; asked for anew by `live` when it changes. */
  command: (id: string) => ["command", id] as const,
  /** Lists of commands. */
  commands: (query: object) => ["commands", query] as const,
  /** One agent as REST tells it, with budget, hold and last hour. */
  agent: (id: string) => ["agent", id] as const,
  /** A worker's log around a place. */
  log: (place: object) => ["log", place] as const,
  /** How much of an agent's machine is in use, and was. */
  resources: (agentId: string) => ["resources", agentId] as const,
  /** What an agent may do in an hour, and what counts for it. */
  budget: (agentId: string) => ["budget", agentId] as const,
  /** Browsers of sessions. */
  browsers: ["browsers"],
  /** Recordings of a session's browser. */
  recordings: (session: string) => ["recordings", session] as const,
  /** Lists of runs. */
  runs: ["runs"],
  /** One run with its steps. */
  run: (id: string) => ["run", id] as const,
  /** Every one of them. */
  anyRun: ["run"],
  /** How the page looked at a step of a run. */
  screenshot: (run: string, step: number) => ["screenshot", run, step] as const,
  /** Repositories on all agents. */
  repositories: ["repositories"],
  branches: (repository: string) => ["branches", repository] as const,
  worktrees: (repository: string) => ["worktrees", repository] as const,
  /** Kinds of command line agents. */
  agentTypes: ["agent types"],
  /** The home of an agent's user. */
  home: (agentId: string) => ["home", agentId] as const,
  /** A list in pages, by its route. */
  pages: (route: PagedRoute, query: object = {}) => ["pages", route, query] as const,
} as const;
