// Which agents are listed, and in what order.

import { expect, it } from "vitest";
import type { LiveAgent } from "@/live/fleet";
import { ordered, steady } from "./order";
import { fleetSearch } from "./search";

const live = (
  agentId: string,
  status: LiveAgent["agent"]["status"],
  more: { lastActivity?: number; host?: string; line?: string; isHeld?: boolean } = {},
): [string, LiveAgent] => [
  agentId,
  {
    agent: {
      agentId,
      agentType: "shell",
      name: agentId,
      status,
      capabilities: ["commands"],
      metadata: { version: "1", platform: "linux", host: more.host ?? "h" },
      connectedAt: 0,
      lastActivity: more.lastActivity ?? 0,
    },
    queue: more.isHeld
      ? { agentId, queue: [], held: { cause: "paused", reason: "paused by ann", since: 0 } }
      : undefined,
    running:
      more.line === undefined
        ? undefined
        : { commandId: "c", agentId, status: "running", command: more.line },
  },
];

const fleet = new Map([
  live("web-10", "online", { lastActivity: 5 }),
  live("web-9", "online", { isHeld: true }),
  live("db", "offline", { lastActivity: 9, host: "vault" }),
  live("build", "busy", { line: "cargo test" }),
  live("gpu", "error"),
  live("asks", "online"),
]);
const nobody = new Set<string>();

it("first who waits for a person, then trouble, work, idle and away, by name", () => {
  const { ids } = ordered(fleet, {}, new Set(["asks"]));
  expect(ids).toEqual(["asks", "gpu", "build", "web-9", "web-10", "db"]);
});

it("by name counts numbers, by activity has the latest first", () => {
  expect(ordered(fleet, { sort: "name" }, nobody).ids).toEqual([
    "asks",
    "build",
    "db",
    "gpu",
    "web-9",
    "web-10",
  ]);
  expect(ordered(fleet, { sort: "activity" }, nobody).ids.slice(0, 2)).toEqual(["db", "web-10"]);
});

it("finds words in names, machines and what runs, all of them", () => {
  expect(ordered(fleet, { q: "WEB 10" }, nobody).ids).toEqual(["web-10"]);
  expect(ordered(fleet, { q: "vault" }, nobody).ids).toEqual(["db"]);
  expect(ordered(fleet, { q: "cargo" }, nobody).ids).toEqual(["build"]);
});

it("counts by status all that the words fit, whichever status is shown", () => {
  const { ids, counts } = ordered(fleet, { q: "web", status: "held" }, nobody);
  expect(ids).toEqual(["web-9"]);
  expect(counts).toEqual({ all: 2, busy: 0, online: 2, error: 0, offline: 0, held: 1 });
});

it("an address that makes no sense shows all", () => {
  expect(fleetSearch({ q: "", status: "sleeping", sort: 7 })).toEqual({});
  expect(fleetSearch({ q: 12, status: "held", sort: "name" })).toEqual({
    q: "12",
    status: "held",
    sort: "name",
  });
});

it("stands still under the pointer, apart from who comes and goes", () => {
  expect(steady(["a", "b", "c"], ["d", "c", "a"])).toEqual(["a", "c", "d"]);
});
