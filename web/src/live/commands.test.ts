// What the cache is told of commands, against the client's fake server.

import { QueryClient } from "@tanstack/react-query";
import { DashboardClient } from "pilothouse-client";
import { beforeEach, expect, it, vi } from "vitest";
import { keys } from "@/api/keys";
import { FakeServer } from "../../../sdk/typescript/src/test/fakeServer";
import { attendCommands, type Statuses } from "./commands";

const status = (commandId: string, agentId: string, state: string, more: object = {}) => ({
  type: "command:status",
  payload: { commandId, agentId, status: state, ...more },
});

async function connected() {
  const server = new FakeServer();
  const client = new DashboardClient({ ...server.options, follow: "own" });
  const cache = new QueryClient();
  attendCommands(client, cache);
  client.connect().catch(() => {});
  const socket = await server.knocked(1);
  socket.accept();
  const features = ["output-resume"];
  socket.say(
    { type: "connection:ack", payload: { connectionId: "c", serverVersion: "1.0.0", features } },
    { type: "heartbeat", payload: { sequence: 1 } },
  );
  return { cache, socket };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  return () => vi.useRealTimers();
});

it("keeps the newest status of each command, with what older ones said", async () => {
  const { cache, socket } = await connected();
  socket.say(
    status("c1", "a", "running", { command: "make" }),
    status("c1", "a", "failed", { exitCode: 2 }),
  );
  await vi.advanceTimersByTimeAsync(50);
  const told = cache.getQueryData<Statuses>(keys.statuses)?.get("c1");
  expect(told).toMatchObject({ status: "failed", exitCode: 2, command: "make" });
});

it("has the lists of that agent asked for anew, and lists of all agents, but not those of others", async () => {
  const { cache, socket } = await connected();
  const lists = [
    keys.commands({ agentId: "a" }),
    keys.commands({}),
    keys.commands({ agentId: "b" }),
  ];
  for (const key of [...lists, keys.command("c1")]) cache.setQueryData(key, {});
  socket.say(status("c1", "a", "completed", { exitCode: 0 }));
  await vi.advanceTimersByTimeAsync(1000);
  expect(lists.map((key) => cache.getQueryState(key)?.isInvalidated)).toEqual([true, true, false]);
  expect(cache.getQueryState(keys.command("c1"))?.isInvalidated).toBe(true);
});

it("has lists asked for anew once for all commands that end together", async () => {
  const { cache, socket } = await connected();
  const invalidated = vi.spyOn(cache, "invalidateQueries");
  for (let turn = 0; turn < 200; turn += 1) {
    socket.say(status(`c${turn}`, "a", "completed", { exitCode: 0 }));
  }
  await vi.advanceTimersByTimeAsync(1000);
  // One question is for the commands themselves, which are looked at one by one.
  expect(invalidated).toHaveBeenCalledTimes(2);
});
