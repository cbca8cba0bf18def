import { QueryClient } from "@tanstack/react-query";
import { DashboardClient } from "pilothouse-client";
import { beforeEach, expect, it, vi } from "vitest";
import { keys } from "@/api/keys";
import { FakeServer, type FakeSocket } from "../../../sdk/typescript/src/test/fakeServer";
import { attendFleet, type Fleet } from "./fleet";

const agent = (agentId: string, status = "online") => ({
  agentId,
  agentType: "shell",
  name: agentId,
  status,
  capabilities: ["commands"],
  metadata: { version: "1", platform: "linux-x86_64", host: "h" },
  connectedAt: 1,
  lastActivity: 1,
});
const agents = (...list: object[]) => ({ type: "agent:list", payload: { agents: list } });
const status = (commandId: string, state: string, more: object = {}) => ({
  type: "command:status",
  payload: { commandId, agentId: "a", status: state, ...more },
});

/** A dashboard that is connected to a fake server, with the cache that is kept true. */
async function connected(...first: object[]): Promise<{
  cache: QueryClient;
  socket: FakeSocket;
  fleet(): Fleet | undefined;
}> {
  const server = new FakeServer();
  const client = new DashboardClient({ ...server.options, follow: "own" });
  const cache = new QueryClient();
  attendFleet(client, cache);
  client.connect().catch(() => {});
  const socket = await server.knocked(1);
  socket.accept();
  socket.say(
    {
      type: "connection:ack",
      payload: { connectionId: "c", serverVersion: "1.0.0", features: ["output-resume"] },
    },
    ...first,
    { type: "heartbeat", payload: { sequence: 1 } },
  );
  await vi.advanceTimersByTimeAsync(50);
  return { cache, socket, fleet: () => cache.getQueryData<Fleet>(keys.fleet) };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  return () => vi.useRealTimers();
});

it("has every agent with what runs and waits there", async () => {
  const queue = {
    agentId: "a",
    queue: [
      {
        commandId: "c2",
        command: "make",
        priority: "normal",
        position: 1,
        requestedBy: "ann",
        requestedAt: 5,
      },
    ],
  };
  const running = status("c1", "running", { command: "npm test", requestedAt: 3, startedAt: 4 });
  const { fleet } = await connected(
    agents(agent("a"), agent("b", "offline")),
    { type: "command:queue", payload: queue },
    running,
  );
  expect([...(fleet()?.keys() ?? [])]).toEqual(["a", "b"]);
  expect(fleet()?.get("a")?.queue?.queue[0]?.command).toBe("make");
  expect(fleet()?.get("a")?.running?.command).toBe("npm test");
  expect(fleet()?.get("b")?.agent.status).toBe("offline");
});

it("changes the cache once for all that happens together, and leaves other agents as they were", async () => {
  const { cache, socket, fleet } = await connected(agents(agent("a"), agent("b")));
  const before = fleet();
  const writes = vi.fn();
  cache.getQueryCache().subscribe(({ type }) => {
    if (type === "updated") writes();
  });
  for (let turn = 0; turn < 500; turn += 1) {
    socket.say({ type: "agent:status", payload: agent("a", turn % 2 ? "busy" : "online") });
  }
  await vi.advanceTimersByTimeAsync(50);
  expect(writes).toHaveBeenCalledTimes(1);
  expect(fleet()?.get("a")?.agent.status).toBe("busy");
  expect(fleet()?.get("b")).toBe(before?.get("b"));
  expect(fleet()).not.toBe(before);
});

it("forgets what runs when it has ended, and keeps the line that was told at the beginning", async () => {
  const { socket, fleet } = await connected(agents(agent("a")), status("c1", "running"));
  expect(fleet()?.get("a")?.running?.commandId).toBe("c1");
  socket.say(status("c1", "completed", { exitCode: 0 }));
  await vi.advanceTimersByTimeAsync(50);
  expect(fleet()?.get("a")?.running).toBeUndefined();
});

it("knows the line of what runs from the queue in which it waited", async () => {
  const waiting = {
    commandId: "c1",
    command: "make",
    priority: "normal",
    position: 1,
    requestedBy: "ann",
    requestedAt: 5,
  };
  const { socket, fleet } = await connected(agents(agent("a")));
  socket.say({ type: "command:queue", payload: { agentId: "a", queue: [waiting] } });
  socket.say({ type: "command:queue", payload: { agentId: "a", queue: [] } });
  socket.say(status("c1", "running"));
  await vi.advanceTimersByTimeAsync(50);
  expect(fleet()?.get("a")?.running).toMatchObject({ command: "make", requestedBy: "ann" });
  socket.say(status("c2", "running"));
  await vi.advanceTimersByTimeAsync(50);
  expect(fleet()?.get("a")?.running).not.toHaveProperty("command");
});

it("does not show agents that are not there any more", async () => {
  const { socket, fleet } = await connected(agents(agent("a"), agent("b")));
  socket.say(agents(agent("b")));
  await vi.advanceTimersByTimeAsync(50);
  expect([...(fleet()?.keys() ?? [])]).toEqual(["b"]);
});
