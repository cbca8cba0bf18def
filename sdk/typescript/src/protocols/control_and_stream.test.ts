// The control plane against a server that does what the test says.

import { beforeEach, describe, expect, it, vi } from "vitest";
import { TokenRefusedError } from "../errors.js";
import { FakeServer, settle } from "../test/fakeServer.js";
import { ControlClient, type ControlOptions } from "./control_and_stream.js";

const AT = "2026-01-01T00:00:00.000Z";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(AT) });
  return () => vi.useRealTimers();
});

const made = (server: FakeServer, more: Partial<ControlOptions> = {}) =>
  new ControlClient({ ...server.options, agentId: "a", token: "t", ...more });

async function connected() {
  const server = new FakeServer();
  const client = made(server);
  const opened = client.connect();
  const socket = await server.knocked(1);
  socket.accept();
  socket.say({ type: "CONNECTION_STATUS", status: "connected", timestamp: AT });
  expect(client.state).toBe("connecting");
  socket.say({ type: "AUTHENTICATED", timestamp: AT });
  await opened;
  return { server, client, socket };
}

const subscribing = (messageId: string) => ({
  type: "SUBSCRIBE",
  subscriptionType: "SESSION",
  targetId: "s",
  messageId,
  timestamp: expect.any(String),
});

describe("the control plane", () => {
  it("is told the token in the first message, and nowhere else", async () => {
    const { socket } = await connected();
    expect([socket.url, socket.protocols, socket.headers]).toEqual(["ws://fake/ws", [], {}]);
    expect(socket.heard).toEqual([
      {
        type: "AUTHENTICATE",
        sessionToken: "t",
        agentId: "a",
        messageId: "authenticate",
        timestamp: AT,
      },
    ]);
  });

  it("is over when it does not take the token, though the socket stays open", async () => {
    const server = new FakeServer();
    const opened = made(server).connect();
    const caught = opened.catch((error: unknown) => error);
    const socket = await server.knocked(1);
    socket.accept();
    socket.say({ type: "ERROR", error: "no such token", code: "INVALID_TOKEN", timestamp: AT });
    expect(await caught).toBeInstanceOf(TokenRefusedError);
    expect(socket.closedWith).toBeDefined();
  });

  it("is tried again with another token, if there is one", async () => {
    const server = new FakeServer();
    const source = vi.fn(() => `t${source.mock.calls.length}`);
    const client = made(server, { token: source });
    const opened = client.connect();
    const socket = await server.knocked(1);
    socket.accept();
    socket.say({ type: "ERROR", error: "it ended", code: "SESSION_EXPIRED", timestamp: AT });
    await vi.advanceTimersByTimeAsync(1000);
    const next = await server.knocked(2);
    next.accept();
    next.say({ type: "AUTHENTICATED", timestamp: AT });
    await opened;
    expect(next.heard).toMatchObject([{ sessionToken: "t2" }]);
  });

  it("is subscribed to anew with every connection", async () => {
    const { server, client, socket } = await connected();
    const subscribed = client.subscribe("SESSION", "s");
    expect(socket.heard.at(-1)).toEqual(subscribing("subscribe-1"));
    socket.say({
      type: "SUBSCRIBED",
      subscriptionType: "SESSION",
      targetId: "s",
      messageId: "subscribe-1",
      timestamp: AT,
    });
    await subscribed;
    socket.end();
    await vi.advanceTimersByTimeAsync(1000);
    const next = await server.knocked(2);
    next.accept();
    next.say({ type: "AUTHENTICATED", timestamp: AT });
    expect(next.heard.at(-1)).toEqual(subscribing("subscribe-2"));
  });

  it("refuses a subscription to whoever asked for it, and is not asked again", async () => {
    const { server, client, socket } = await connected();
    const refused = client.subscribe("SESSION", "s").catch((error: unknown) => error);
    const error = { type: "ERROR", error: "not yours", code: "SUBSCRIPTION_DENIED", timestamp: AT };
    const told: unknown[] = [];
    client.on("error", ({ code }) => told.push(code));
    socket.say({ ...error, messageId: "subscribe-1" }, { ...error, code: "INVALID_MESSAGE" });
    expect(await refused).toMatchObject({ code: "SUBSCRIPTION_DENIED" });
    expect(told).toEqual(["INVALID_MESSAGE"]);
    socket.end();
    await vi.advanceTimersByTimeAsync(1000);
    const next = await server.knocked(2);
    next.accept();
    next.say({ type: "AUTHENTICATED", timestamp: AT });
    expect(next.heard.length).toBe(1);
  });

  it("tells tasks and sessions, alone and in batches", async () => {
    const { client, socket } = await connected();
    const told: unknown[] = [];
    client.on("task", ({ taskId, status }) => told.push([taskId, status]));
    client.on("progress", ({ progress, stage }) => told.push([progress, stage]));
    client.on("logs", ({ logs }) => told.push(logs));
    client.on("failure", ({ error }) => told.push(error));
    client.on("session", ({ isActive }) => told.push(isActive));
    client.on("unknown", (text) => told.push(text));
    const task = { taskId: "1", sessionId: "s", timestamp: AT };
    const progress = { ...task, type: "TASK_PROGRESS", progress: 25, stage: "half" };
    socket.say(
      { ...task, type: "TASK_STATUS", agentId: "a", status: "PROCESSING" },
      {
        type: "BATCH",
        messages: [progress, { ...task, type: "TASK_LOGS", logs: ["x"] }, { type: "BATCH" }],
      },
      { ...task, type: "TASK_ERROR", error: "it broke" },
      { type: "SESSION_STATUS", sessionId: "s", agentId: "a", isActive: true, timestamp: AT },
    );
    expect(told).toEqual([
      ["1", "PROCESSING"],
      [25, "half"],
      ["x"],
      '{"type":"BATCH"}',
      "it broke",
      true,
    ]);
  });

  it("is pinged, and counts as dead when it does not answer", async () => {
    const { client, socket } = await connected();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(socket.heard.at(-1)).toMatchObject({ type: "PING" });
    socket.say({ type: "PONG", timestamp: AT });
    await vi.advanceTimersByTimeAsync(74_000);
    expect(client.state).toBe("open");
    await vi.advanceTimersByTimeAsync(1000);
    await settle();
    expect(client.state).toBe("waiting");
  });
});
