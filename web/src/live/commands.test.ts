// Lists of commands are asked for anew when something happened, but not for each of many things.

import { QueryClient } from "@tanstack/react-query";
import { DashboardClient } from "pilothouse-client";
import { beforeEach, expect, it, vi } from "vitest";
import { keys } from "@/api/keys";
import { FakeServer } from "../../../sdk/typescript/src/test/fakeServer";
import { attendCommands } from "./commands";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  return () => vi.useRealTimers();
});

const status = (commandId: string, state: string) => ({
  type: "command:status",
  payload: { commandId, agentId: "a", status: state },
});

it("has lists asked for anew once, however many commands have changed", async () => {
  const server = new FakeServer();
  const client = new DashboardClient({ ...server.options, follow: "own" });
  const cache = new QueryClient();
  const invalidated = vi.spyOn(cache, "invalidateQueries");
  const end = attendCommands(client, cache);
  client.connect().catch(() => {});
  const socket = await server.knocked(1);
  socket.accept();
  socket.say(
    {
      type: "connection:ack",
      payload: { connectionId: "c", serverVersion: "1.0.0", features: ["output-resume"] },
    },
    { type: "heartbeat", payload: { sequence: 1 } },
  );
  await vi.advanceTimersByTimeAsync(1000);
  cache.setQueryData(keys.commands({ agentId: "a" }), []);
  cache.setQueryData(keys.command("c1"), {});
  invalidated.mockClear();

  socket.say(status("c1", "queued"), status("c1", "running"), status("c2", "failed"));
  await vi.advanceTimersByTimeAsync(1000);
  expect(cache.getQueryState(keys.commands({ agentId: "a" }))?.isInvalidated).toBe(true);
  expect(cache.getQueryState(keys.command("c1"))?.isInvalidated).toBe(false);
  expect(invalidated).toHaveBeenCalledTimes(1);

  socket.say(status("c3", "queued"));
  end();
  await vi.advanceTimersByTimeAsync(1000);
  expect(invalidated).toHaveBeenCalledTimes(1);
});
