import { DashboardClient, SessionsClient } from "pilothouse-client";
import { beforeEach, expect, it, vi } from "vitest";
import { FakeServer, settle } from "../../../sdk/typescript/src/test/fakeServer";
import { attendConnections, useConnections, worst } from "./connections";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  return () => vi.useRealTimers();
});

const greet = (socket: { accept(): void; say(...messages: object[]): void }) => {
  socket.accept();
  socket.say({
    type: "connection:ack",
    payload: { connectionId: "c", serverVersion: "1.0.0", features: [] },
  });
};

async function both() {
  const server = new FakeServer();
  const dashboard = new DashboardClient(server.options);
  const rooms = new FakeServer();
  const sessions = new SessionsClient(rooms.options);
  const end = attendConnections(dashboard, sessions);
  dashboard.connect().catch(() => {});
  sessions.connect().catch(() => {});
  greet(await server.knocked(1));
  const room = await rooms.knocked(1);
  room.accept();
  room.say({ type: "sessions-sync", sessions: [], activityStates: [] });
  await settle();
  return { server, end };
}

it("is open when both are", async () => {
  await both();
  expect(worst(useConnections.getState()).is).toBe("open");
});

it("counts one absence from its beginning, over all attempts", async () => {
  const { server } = await both();
  server.sockets.at(-1)?.end();
  const { since } = worst(useConnections.getState());
  expect(since).toBe(Date.now());
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await vi.advanceTimersByTimeAsync(5_000);
    server.sockets.at(-1)?.refuse();
    await settle();
  }
  const link = worst(useConnections.getState());
  expect(link).toMatchObject({ is: "away", since });
  expect(link.nextAt).toBeGreaterThan(since);
});

it("is open again when it has come back, and tells when", async () => {
  const { server } = await both();
  server.sockets.at(-1)?.end();
  await vi.advanceTimersByTimeAsync(10);
  const socket = server.sockets.at(-1);
  if (socket !== undefined) greet(socket);
  await settle();
  expect(useConnections.getState().dashboard).toMatchObject({ is: "open" });
});

it("tries at once when a person says so", async () => {
  const { server } = await both();
  server.sockets.at(-1)?.end();
  await vi.advanceTimersByTimeAsync(1);
  server.sockets.at(-1)?.refuse();
  await settle();
  const before = server.sockets.length;
  useConnections.getState().retry();
  await settle();
  expect(server.sockets.length).toBe(before + 1);
});
