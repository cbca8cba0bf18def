// The list of sessions: what is first, what is found, and that ten thousand are no trouble.

import type { sessionsAndWorkers } from "pilothouse-client";
import { expect, test } from "vitest";
import { counted, listed, type Row, rows, type Sources } from "./ordering";
import { sessionsSearch } from "./search";

type Session = sessionsAndWorkers.Session;
type Worker = sessionsAndWorkers.Worker;

const terminal = (id: string, more: Partial<Worker> = {}): Worker => ({
  id,
  name: "Terminal 1",
  createdAt: "2026-01-01T00:00:00.000Z",
  state: "running",
  epoch: 1,
  ...more,
  type: "terminal",
});

const asker = (id: string, more: Partial<Worker> = {}): Worker => ({
  ...terminal(id, more),
  name: "Claude Code",
  type: "agent",
  agentId: "claude",
});

const session = (id: string, workers: Worker[], more: Partial<Session> = {}): Session => ({
  id,
  locationPath: `/srv/${id}`,
  status: "active",
  createdAt: "2026-01-01T00:00:00.000Z",
  agent: "build-1",
  ...more,
  workers,
  type: "quick",
});

const sources = (
  sessions: readonly Session[],
  activities: Readonly<Record<string, sessionsAndWorkers.AgentActivityState>> = {},
  since: Readonly<Record<string, number>> = {},
): Sources => ({
  sessions,
  activityOf: (id) => activities[id] ?? "unknown",
  asksSince: (id) => since[id],
  agentName: (id) => (id === "build-1" ? "Build machine" : id),
});

const lines = (all: readonly Row[]) =>
  all.map((row) => (row.kind === "group" ? `# ${row.words} ${row.count}` : row.session.id));

test("who asks longest is first, then who works, who is idle, what has ended, and who is away", () => {
  const all = [
    session("ended", [terminal("t1", { state: "ended", exitCode: 1 })]),
    session("empty", []),
    session("away", [asker("a1")], { status: "inactive" }),
    session("idle", [asker("a2"), terminal("t2")]),
    session("open", [terminal("t3")]),
    session("works", [asker("a3"), asker("a4")]),
    session("asks", [asker("a5")]),
    session("asks longer", [terminal("t4"), asker("a6"), asker("a7")]),
  ];
  const states = {
    a1: "asking",
    a2: "idle",
    a3: "active",
    a4: "idle",
    a5: "asking",
    a6: "asking",
    a7: "asking",
  } as const;
  const since = { a5: 900, a6: 950, a7: 100 };
  expect(lines(rows(listed(sources(all, states, since), {}), "standing"))).toEqual([
    "# Waits for you 2",
    "asks longer",
    "asks",
    "# At work 1",
    "works",
    "# Idle 2",
    "idle",
    "open",
    "# Nothing runs 2",
    "empty",
    "ended",
    "# Agent away 1",
    "away",
  ]);
});

test("an agent that ended asks no more, whatever was told of it last", () => {
  const all = [session("s", [asker("a", { state: "ended", exitCode: 0 })])];
  expect(listed(sources(all, { a: "asking" }), {})[0]?.standing).toBe("ended");
});

test("the newest are first in a group, and among all if asked for", () => {
  const all = [
    session("old", [terminal("t1")]),
    session("new", [terminal("t2", { createdAt: "2026-02-01T00:00:00.000Z" })]),
    session("newest, empty", [], { createdAt: "2026-03-01T00:00:00.000Z" }),
  ];
  const found = listed(sources(all), {});
  expect(lines(rows(found, "newest"))).toEqual(["newest, empty", "new", "old"]);
  expect(lines(rows(found, "standing")).slice(1, 3)).toEqual(["new", "old"]);
});

test("names are sorted as people do, with numbers by their value", () => {
  const all = ["b 10", "b 2", "A"].map((title) => session(title, [], { title }));
  expect(lines(rows(listed(sources(all), {}), "name"))).toEqual(["A", "b 2", "b 10"]);
});

test("words find sessions by title, folder, agent and worker, all of them", () => {
  const all = [
    session("one", [asker("a")], { title: "Checkout", agent: "other" }),
    session("two", [terminal("t")]),
  ];
  const found = (q: string) => listed(sources(all), { q }).map((one) => one.session.id);
  expect(found("CHECK claude")).toEqual(["one"]);
  expect(found("srv two")).toEqual(["two"]);
  expect(found("build machine")).toEqual(["two"]);
  expect(found("check terminal")).toEqual([]);
});

test("agent, kind and standing narrow it down, and the counts say what there is", () => {
  const all = [
    session("one", [terminal("t")], { agent: "other" }),
    session("two", []),
    session("three", [terminal("t2")]),
  ];
  const ids = (search: object) =>
    listed(sources(all), sessionsSearch({ ...search })).map((one) => one.session.id);
  expect(ids({ agent: "other" })).toEqual(["one"]);
  expect(ids({ kind: "worktree" })).toEqual([]);
  expect(ids({ standing: "idle" })).toEqual(["one", "three"]);
  expect(Object.fromEntries(counted(listed(sources(all), {})))).toEqual({ idle: 2, ended: 1 });
});

test("an address that makes no sense narrows nothing", () => {
  expect(
    sessionsSearch({ kind: "x", standing: "y", order: 3, new: "yes", q: "", agent: {} }),
  ).toEqual({});
  expect(sessionsSearch({ q: 42, new: 1, "agent-types": "1", order: "name" })).toEqual({
    q: "42",
    new: 1,
    "agent-types": 1,
    order: "name",
  });
});

test("ten thousand sessions make ten thousand rows and five heads", () => {
  const all = Array.from({ length: 10_000 }, (_, index) =>
    session(`s${index}`, [asker(`a${index}`)]),
  );
  const states = Object.fromEntries(
    all.map((_, index) => [
      `a${index}`,
      (["active", "idle", "asking", "unknown"] as const)[index % 4] ?? "idle",
    ]),
  );
  expect(rows(listed(sources(all, states), {}), "standing")).toHaveLength(10_003);
});
