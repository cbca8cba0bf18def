// Runs against a server that does what the test says.

import { beforeEach, describe, expect, it, vi } from "vitest";
import { TokenRefusedError } from "../errors.js";
import { FakeServer, settle } from "../test/fakeServer.js";
import { RunsClient, type RunsOptions } from "./runs.js";

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

const GREETING = { type: "authentication", status: "success" };

const step = (runId: string, stepNumber: number) => ({
  type: "step_update",
  stepNumber,
  screenshot: "",
  action: { type: "back" },
  explanation: `step ${stepNumber}`,
  runId,
});

const completion = (runId: string) => ({
  type: "completion",
  status: "success",
  commands: [{ type: "back" }],
  finalAnswer: "done",
  runId,
});

async function connected(more: Partial<RunsOptions> = {}) {
  const server = new FakeServer();
  const client = new RunsClient({ ...server.options, token: "t", ...more });
  const opened = client.connect();
  const socket = await server.knocked(1);
  socket.accept();
  expect([client.state, client.isAuthenticated]).toEqual(["connecting", false]);
  socket.say(GREETING);
  await opened;
  return { server, client, socket };
}

describe("runs", () => {
  it("are told to whoever showed a token in the first message, and nowhere else", async () => {
    const { client, socket } = await connected();
    expect([socket.url, socket.protocols, socket.headers]).toEqual(["ws://fake/ws", [], {}]);
    expect(socket.heard).toEqual([{ type: "authenticate", token: "t" }]);
    expect(client.isAuthenticated).toBe(true);
  });

  it("are not told to whoever has a token that does not count", async () => {
    const server = new FakeServer();
    const opened = new RunsClient({ ...server.options, token: "t" }).connect();
    const caught = opened.catch((error: unknown) => error);
    const socket = await server.knocked(1);
    socket.accept();
    const error = "Invalid authentication token";
    socket.say({ type: "authentication", status: "failed", error, reason: "it has expired" });
    expect(await caught).toBeInstanceOf(TokenRefusedError);
    expect(String(await caught)).toContain("it has expired");
  });

  it("are told step by step, each by itself, until they are over", async () => {
    const { client, socket } = await connected();
    const told: unknown[] = [];
    client.on("step", ({ runId, stepNumber }) => told.push([runId, stepNumber]));
    client.on("completion", ({ runId }) => told.push([runId, "over"]));
    const [one, two] = [client.startAgent("one"), client.startAgent("two")];
    expect(client.startAgent("one")).toBe(one);
    expect(socket.heard.slice(1)).toEqual([
      { type: "start_agent", runId: "one" },
      { type: "start_agent", runId: "two" },
    ]);
    const ones: number[] = [];
    one.on("step", ({ stepNumber }) => ones.push(stepNumber));
    socket.say(step("one", 1), step("two", 1), step("one", 2), step("one", 2), completion("one"));
    expect(told).toEqual([
      ["one", 1],
      ["two", 1],
      ["one", 2],
      ["one", "over"],
    ]);
    expect([ones, one.lastStep, [...client.activeRuns.keys()]]).toEqual([[1, 2], 2, ["two"]]);
    expect((await one.completed).finalAnswer).toBe("done");
    expect(two.lastStep).toBe(1);
  });

  it("go on after the last step that was told when there is a connection again", async () => {
    const { server, client, socket } = await connected();
    const run = client.startAgent("one");
    const told: number[] = [];
    run.on("step", ({ stepNumber }) => told.push(stepNumber));
    socket.say(step("one", 1), step("one", 2));
    socket.end();
    expect(client.isAuthenticated).toBe(false);
    client.startAgent("two", { afterStep: 7 });
    await vi.advanceTimersByTimeAsync(1000);
    const next = await server.knocked(2);
    next.accept();
    expect(next.heard).toEqual([{ type: "authenticate", token: "t" }]);
    next.say(GREETING);
    expect(next.heard.slice(1)).toEqual([
      { type: "start_agent", runId: "one", afterStep: 2 },
      { type: "start_agent", runId: "two", afterStep: 7 },
    ]);
    next.say(step("one", 2), step("one", 3), completion("one"));
    await run.completed;
    expect(told).toEqual([1, 2, 3]);
  });

  it("that are not there are refused to whoever started them, and not asked for again", async () => {
    const { server, client, socket } = await connected();
    const run = client.startAgent("none");
    const failed = run.completed.catch((error: unknown) => error);
    const errors: string[] = [];
    client.on("error", ({ code }) => errors.push(code));
    const error = "Failed to start agent";
    socket.say({ type: "error", error, reason: "there is no such run", runId: "none" });
    expect(await failed).toMatchObject({ message: "there is no such run", code: error });
    expect([errors, client.activeRuns.size]).toEqual([[error], 0]);
    socket.end();
    await vi.advanceTimersByTimeAsync(1000);
    const next = await server.knocked(2);
    next.accept();
    next.say(GREETING);
    expect(next.heard.length).toBe(1);
  });

  it("wait for people, who answer, decide, pause, resume and cancel", async () => {
    const { client, socket } = await connected({ extended: true });
    const run = client.startAgent("one");
    const refusals: string[] = [];
    run.on("refused", ({ message }) => refusals.push(message));
    expect(socket.heard.at(-1)).toEqual({ type: "start_agent", runId: "one", extended: true });
    const since = "2026-01-01T00:00:00.000Z";
    const waiting = { id: "q", kind: "question", text: "Which?", since };
    socket.say({ type: "run_status", runId: "one", status: "INPROGRESS", paused: false, waiting });
    expect(run.status?.waiting?.text).toBe("Which?");
    client.reply("one", "q", "that");
    client.decide("one", "a", { granted: true, always: true });
    client.pause("one");
    client.resume("one");
    client.cancel("one", "enough");
    expect(socket.heard.slice(2)).toEqual([
      { type: "reply", runId: "one", wait: "q", text: "that" },
      { type: "decide", runId: "one", wait: "a", granted: true, always: true },
      { type: "pause_run", runId: "one" },
      { type: "resume_run", runId: "one" },
      { type: "cancel_run", runId: "one", reason: "enough" },
    ]);
    socket.say({ type: "error", error: "Request refused", reason: "not yours", runId: "one" });
    expect([refusals, client.activeRuns.has("one")]).toEqual([["not yours"], true]);
  });

  it("are kept through an expired token, if there is another one", async () => {
    const source = vi.fn(() => `t${source.mock.calls.length}`);
    const { client, socket } = await connected({ token: source });
    client.startAgent("one");
    socket.say({ type: "error", error: "Authentication token expired" });
    await settle();
    expect(socket.heard.at(-1)).toEqual({ type: "authenticate", token: "t2" });
    socket.say(GREETING);
    expect([client.state, client.activeRuns.size]).toEqual(["open", 1]);
  });

  it("that say nothing are told from connections that are dead", async () => {
    const { client, socket } = await connected();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.heard).toEqual(Array(2).fill({ type: "authenticate", token: "t" }));
    socket.say(GREETING);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([socket.heard.length, client.state]).toEqual([3, "open"]);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(client.state).toBe("waiting");
  });

  it("are forgotten, and all end with the client", async () => {
    const { client, socket } = await connected();
    const [one, two] = [client.startAgent("one"), client.startAgent("two")];
    const ends = [one, two].map((run) => run.completed.catch((error: Error) => error.message));
    client.forget("one");
    const told: unknown[] = [];
    client.on("step", (told_) => told.push(told_));
    client.on("completion", (told_) => told.push(told_));
    socket.say(step("one", 1), completion("one"));
    client.dispose();
    expect(await Promise.all(ends)).toEqual(["it was forgotten", "the client was disposed of"]);
    expect(told).toEqual([]);
    expect(() => client.startAgent("")).toThrow("without an id");
  });
});
