// Mission control, sessions and terminals against a server that does what the test says.

import { beforeEach, describe, expect, it, vi } from "vitest";
import { GaveUpError, GoneError } from "../errors.js";
import { FakeServer, settle } from "../test/fakeServer.js";
import { MissionControlClient } from "./mission_control.js";
import { SessionsClient } from "./sessions.js";
import { WorkerClient } from "./worker.js";

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

describe("mission control", () => {
  const fleet = () => Response.json({ success: true, agents: [{ id: "a" }], count: 1, data: {} });

  it("asks for the state with every connection, and then tells changes", async () => {
    const server = new FakeServer();
    const asked = vi.fn(async (_: URL | RequestInfo, __?: RequestInit) => fleet());
    const client = new MissionControlClient({ ...server.options, token: "t", fetch: asked });
    const told: unknown[] = [];
    client.on("agents", (agents) => told.push(agents.map(({ id }) => id)));
    client.on("agent", ({ agentId, status }) => told.push(`${agentId} ${status}`));
    client.on("activity", ({ lastMessage }) => told.push(lastMessage));
    const opened = client.connect();
    const socket = await server.knocked(1);
    expect([socket.url, socket.token]).toEqual(["ws://fake/", "t"]);
    socket.accept();
    await opened;
    await settle();
    socket.say(
      { type: "agent:status", payload: { agentId: "a", status: "error", timestamp: 1 } },
      { type: "session:activity", payload: { agentId: "a", sessionId: "s", lastMessage: "hm" } },
      { type: "heartbeat", payload: { timestamp: 2 } },
    );
    expect(told).toEqual([["a"], "a error", "hm"]);
    expect(String(asked.mock.calls[0]?.[0])).toBe("http://fake/api/agents");
    socket.end(1013, "read too slowly");
    await vi.advanceTimersByTimeAsync(2000);
    (await server.knocked(2)).accept();
    await settle();
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it("gives up after five attempts, as it is written, and begins anew when told to", async () => {
    const server = new FakeServer();
    const client = new MissionControlClient({ ...server.options, asksForState: false });
    const opened = client.connect();
    opened.catch(() => {});
    for (let attempt = 1; attempt <= 6; attempt++) {
      (await server.knocked(attempt)).refuse();
      await vi.advanceTimersByTimeAsync(1000 * 2 ** (attempt - 1));
    }
    await expect(opened).rejects.toThrow(GaveUpError);
    client.reconnect();
    (await server.knocked(7)).accept();
    expect(client.state).toBe("open");
    // Two heartbeats of the server missing, and some time, are the end.
    await vi.advanceTimersByTimeAsync(75_000);
    expect(client.state).toBe("waiting");
  });
});

describe("sessions", () => {
  const session = (id: string, workers: object[] = []) => ({ id, workers });
  const syncOf = (sessions: object[], activityStates: object[] = []) => ({
    type: "sessions-sync",
    sessions,
    activityStates,
  });

  async function connected() {
    const server = new FakeServer();
    const client = new SessionsClient({ ...server.options, token: "t" });
    const opened = client.connect();
    const socket = await server.knocked(1);
    socket.accept();
    const activity = { sessionId: "s1", workerId: "w1", activityState: "asking" };
    socket.say(syncOf([session("s1", [{ id: "w1" }])], [activity]));
    await opened;
    return { server, client, socket };
  }

  it("are what the last sync said, and what changed since", async () => {
    const { client, socket } = await connected();
    expect(client.activityOf("w1")).toBe("asking");
    socket.say(
      { type: "session-created", session: session("s2") },
      { type: "session-updated", session: { ...session("s2"), title: "two" } },
      { type: "worker-activity", sessionId: "s1", workerId: "w1", activityState: "idle" },
    );
    expect(client.sessions.get("s2")?.title).toBe("two");
    expect(client.activityOf("w1")).toBe("idle");
    socket.say({ type: "session-deleted", sessionId: "s1" });
    expect([[...client.sessions.keys()], client.activityOf("w1")]).toEqual([["s2"], "unknown"]);
  });

  it("are asked for once however many want them, and in silence as a life sign", async () => {
    const { client, socket } = await connected();
    client.requestSync();
    client.requestSync();
    expect(socket.heard).toEqual([{ type: "request-sync" }]);
    socket.say(syncOf([]));
    client.requestSync();
    expect(socket.heard.length).toBe(2);
    socket.say(syncOf([]));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.heard.length).toBe(3);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(client.state).toBe("waiting");
    // Without a connection nothing is asked: the next one begins with a sync.
    client.requestSync();
  });
});

describe("a terminal", () => {
  const worker = (epoch: number) => ({
    type: "worker",
    state: "running",
    epoch,
    cols: 80,
    rows: 24,
    mayType: true,
  });
  const history = (startOffset: number, data: string, replaces: boolean) => ({
    type: "history",
    data,
    startOffset,
    offset: startOffset + data.length,
    epoch: 1,
    replaces,
  });

  async function connected(options: { mostWaiting?: number } = {}) {
    const server = new FakeServer();
    const place = { sessionId: "s/1", workerId: "w" };
    const client = new WorkerClient({ ...server.options, ...place, ...options, token: "t" });
    const told: unknown[] = [];
    client.on("output", ({ data, replaces }) => told.push(replaces ? { data } : data));
    client.on("exit", ({ exitCode }) => told.push(exitCode));
    client.on("refused", ({ code }) => told.push(code));
    const opened = client.connect();
    const socket = await server.knocked(1);
    socket.accept();
    socket.say(worker(1), history(0, "abc", true));
    await opened;
    return { server, client, told, socket };
  }

  it("goes on with the byte where it stopped, and with the size it had", async () => {
    const { server, client, told, socket } = await connected();
    expect(socket.url).toBe("ws://fake/ws/session/s%2F1/worker/w?fromOffset=0");
    client.resize(100, 40);
    client.input("x\u0003");
    expect(socket.heard).toEqual([
      { type: "resize", cols: 100, rows: 40 },
      { type: "input", data: "x\u0003" },
    ]);
    socket.say({ type: "output", data: "de", offset: 5, epoch: 1 });
    socket.end(1012, "server is restarting");
    expect(() => client.input("lost")).toThrow("no connection");
    await vi.advanceTimersByTimeAsync(5000);
    const next = await server.knocked(2);
    expect(next.url).toContain("?fromOffset=5&epoch=1");
    next.accept();
    next.say(worker(1), history(5, "f", false), { type: "output", data: "f", offset: 6, epoch: 1 });
    expect(next.heard).toEqual([{ type: "resize", cols: 100, rows: 40 }]);
    expect(told).toEqual([{ data: "abc" }, "de", "f"]);
  });

  it("goes on after a pause, with its size only if it still has one", async () => {
    const { server, client, told, socket } = await connected();
    client.resize(100, 40);
    client.pause();
    expect([client.state, socket.closedWith]).toEqual(["idle", 1000]);
    socket.say({ type: "output", data: "late", offset: 7, epoch: 1 });
    client.withdrawSize();
    client.reconnect();
    const next = await server.knocked(2);
    expect(next.url).toContain("?fromOffset=3&epoch=1");
    next.accept();
    next.say(worker(1), history(3, "d", false));
    expect(next.heard).toEqual([]);
    expect(told).toEqual([{ data: "abc" }, "d"]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(server.sockets.length).toBe(2);
  });

  it("that cannot keep up is shown as it is now", async () => {
    const { server, client, told } = await connected();
    client.startAfresh();
    const next = await server.knocked(2);
    expect(next.url).toMatch(/\?fromOffset=0$/);
    next.accept();
    next.say(worker(1), history(900, "now", true));
    expect(told).toEqual([{ data: "abc" }, { data: "now" }]);
  });

  it("keeps keys for later only if that was chosen", async () => {
    const { server, client, socket } = await connected({ mostWaiting: 2 });
    socket.end();
    expect(client.input("a")).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    const next = await server.knocked(2);
    next.accept();
    next.say(worker(1));
    expect(next.heard).toEqual([{ type: "input", data: "a" }]);
  });

  it("tells the end of each life once, and comes at once to the next", async () => {
    const { server, told, socket } = await connected();
    const exit = { type: "exit", exitCode: 3, signal: null };
    socket.say(exit);
    socket.end();
    await vi.advanceTimersByTimeAsync(1000);
    const second = await server.knocked(2);
    second.accept();
    second.say(worker(1), history(3, "", false), exit);
    await vi.advanceTimersByTimeAsync(6000);
    second.say({ type: "error", code: "WORKER_RESTARTED", message: "anew" });
    second.end(4001, "worker was restarted");
    const third = await server.knocked(3);
    third.accept();
    third.say(worker(2), { ...history(0, "new", true), epoch: 2 }, { ...exit, exitCode: 4 });
    expect(told).toEqual([{ data: "abc" }, 3, { data: "new" }, 4]);
  });

  it("asks for older output piece by piece; what a lost connection cannot answer fails", async () => {
    const { client, socket } = await connected();
    const asked = [client.historyRange(0, 2), client.historyRange(2, 3)];
    const range = (startOffset: number, data: string) => ({ data, startOffset, endOffset: 2 });
    socket.say({ type: "history-range", ...range(0, "ab") });
    expect(await asked[0]).toEqual(range(0, "ab"));
    socket.end();
    await expect(asked[1]).rejects.toThrow("was lost");
    await expect(client.historyRange(0, 1)).rejects.toThrow("no connection");
  });

  it("tells who is there and which of them it is, as long as it can know", async () => {
    const { client, socket } = await connected();
    const told = vi.fn();
    client.on("viewers", ({ viewers, total }) =>
      told(total, ...viewers.map(({ name, isYou }) => (isYou ? `${name} (you)` : name))),
    );
    const viewer = (id: string, name: string) => ({ id, user: name, name });
    expect(client.viewers).toBeUndefined();
    const viewers = [viewer("viewer-1", "Ann"), viewer("viewer-7", "Ann"), viewer("v-9", "Bob")];
    socket.say({ ...worker(1), viewerId: "viewer-7" }, { type: "viewers", viewers, total: 60 });
    expect(told.mock.calls).toEqual([[60, "Ann", "Ann (you)", "Bob"]]);
    expect(client.viewers?.viewers[1]?.isYou).toBe(true);
    socket.end();
    expect(client.viewers).toBeUndefined();
  });

  it("takes pictures as bytes", async () => {
    const { client, socket } = await connected();
    const picture = Uint8Array.from({ length: 20_000 }, (_, n) => n % 256);
    await client.image(picture, "image/png");
    const data = Buffer.from(picture).toString("base64");
    expect(socket.heard).toEqual([{ type: "image", data, mimeType: "image/png" }]);
  });

  it("that is gone is gone, and what is refused is told", async () => {
    const { server, client, told, socket } = await connected();
    socket.say({ type: "error", code: "FORBIDDEN", message: "viewers may not type" });
    socket.say({ type: "error", code: "WORKER_DELETED", message: "the worker was removed" });
    socket.say({ type: "exit", exitCode: 1, signal: null });
    socket.end(1000, "done");
    expect(told).toEqual([{ data: "abc" }, "FORBIDDEN"]);
    await expect(client.connect()).rejects.toThrow(GoneError);
    expect(server.sockets.length).toBe(1);
  });
});
