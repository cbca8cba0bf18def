import { beforeEach, expect, it, vi } from "vitest";
import { QueueFullError, RejectedError, UnknownOutcomeError } from "../errors.js";
import { FakeServer, type FakeSocket, settle } from "../test/fakeServer.js";
import type { ServerMessage } from "../wire/dashboard.js";
import type { DashboardOptions } from "./dashboard/options.js";
import { DashboardClient } from "./dashboard.js";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  return () => vi.useRealTimers();
});

const features = ["real-time", "command-execution", "terminal-streaming", "output-resume"];
const status = (
  commandId: string,
  state: "queued" | "running" | "completed",
  more: object = {},
) => ({
  type: "command:status",
  payload: { commandId, agentId: "a", status: state, ...more },
});
const output = (commandId: string, sequence: number, more: object = {}) => ({
  type: "terminal:output",
  payload: { commandId, agentId: "a", data: `${sequence};`, stream: "stdout", sequence, ...more },
});
const page = (commandId: string, sequences: number[], isLast: boolean) => ({
  type: "output:page",
  payload: {
    commandId,
    agentId: "a",
    records: sequences.map((sequence) => ({ data: `${sequence};`, stream: "stdout", sequence })),
    isLast,
  },
});
const echo = { type: "heartbeat", payload: { sequence: 1 } };

/** The handshake, and what is live now. */
function greet(socket: FakeSocket, ...live: object[]): void {
  greetWith(socket, [], ...live);
}

/** The same, with these agents. */
function greetWith(socket: FakeSocket, agents: object[], ...live: object[]): void {
  socket.accept();
  socket.say({
    type: "connection:ack",
    payload: { connectionId: "c", serverVersion: "1.0.0", features },
  });
  socket.say({ type: "agent:list", payload: { agents } }, ...live, echo);
}

/** What a client asked with messages of this type. */
const asked = (socket: FakeSocket, type: string) =>
  socket.heard.flatMap((message) =>
    typeof message === "object" && message !== null && "type" in message && message.type === type
      ? "payload" in message
        ? [message.payload]
        : []
      : [],
  );

async function connected(options: Partial<DashboardOptions> = {}) {
  const server = new FakeServer();
  const client = new DashboardClient({ ...server.options, token: "t", ...options });
  const told: string[] = [];
  client.on("state", (state) => told.push(state));
  client.on("output", ({ data }) => told.push(data));
  client.on("gap", (gap) => told.push(`gap ${gap.fromSequence}-${gap.nextSequence}`));
  client.on("status", (told_) => told.push(`${told_.commandId} ${told_.status}`));
  client.on("forgotten", (id) => told.push(`forgotten ${id}`));
  const opened = client.connect();
  const socket = await server.knocked(1);
  greet(socket);
  await opened;
  return { server, client, told, socket };
}

/** The connection is lost, and there is another one. */
async function again(
  server: FakeServer,
  socket: FakeSocket,
  ...live: object[]
): Promise<FakeSocket> {
  const before = server.sockets.length;
  socket.end();
  // At once, or after the first wait if the last connection did not hold long enough to count.
  await vi.advanceTimersByTimeAsync(1000);
  const next = await server.knocked(before + 1);
  greet(next, ...live);
  await vi.advanceTimersByTimeAsync(20);
  return next;
}

/** Starts a command; what comes back are the command and its requestId. */
async function started(client: DashboardClient, socket: FakeSocket) {
  const command = client.start("a", "make", { priority: "high" });
  const request = asked(socket, "command:request").at(-1);
  expect(request).toMatchObject({ agentId: "a", command: "make", priority: "high" });
  const requestId = JSON.parse(JSON.stringify(request)).requestId;
  socket.say(status("cmd-1", "queued", { requestId }));
  return { command: await command, requestId };
}

it("says where the connection is in the protocol's words, with a button after five failures", async () => {
  const { server, client, told, socket } = await connected();
  const offers: boolean[] = [];
  client.on("reconnecting", ({ offersManual }) => offers.push(offersManual));
  socket.end();
  for (const [failure, wait] of [0, 1000, 2000, 4000, 8000].entries()) {
    await vi.advanceTimersByTimeAsync(wait);
    (await server.knocked(failure + 2)).refuse();
  }
  client.reconnect();
  greet(await server.knocked(7));
  client.dispose();
  expect(told).toEqual(["CONNECTING", "CONNECTED", "RECONNECTING", "CONNECTED", "DISCONNECTED"]);
  expect(offers).toEqual([false, false, false, false, false, true]);
});

it("asks for what waits for a person only if it is told to, and tells that with every connection", async () => {
  const plain = await connected();
  expect(plain.socket.url).toBe("ws://fake/ws/dashboard");
  const { server, client, socket } = await connected({ attention: true });
  expect(socket.url).toBe("ws://fake/ws/dashboard?attention=1");
  const told = vi.fn();
  client.on("attention", ({ subjectId, waits, text }) => told(subjectId, waits, text));
  const subject = { subjectType: "worker", subjectId: "wrk-1" };
  const asks = { agentId: "a", reason: "workerAsks", text: "Proceed?" };
  socket.say({ type: "attention:changed", payload: { ...subject, waits: true, ...asks } });
  const next = await again(server, socket);
  expect(next.url).toBe(socket.url);
  next.say({ type: "attention:changed", payload: { ...subject, waits: false } });
  expect(told.mock.calls).toEqual([
    ["wrk-1", true, "Proceed?"],
    ["wrk-1", false, undefined],
  ]);
});

it("a command's output is read piece by piece, and its exit code awaited", async () => {
  const { client, socket } = await connected();
  const { command, requestId } = await started(client, socket);
  socket.say(status("cmd-1", "running", { requestId }), output("cmd-1", 1), output("cmd-1", 2));
  socket.say(status("cmd-1", "completed", { exitCode: 0 }));
  const pieces = [];
  for await (const piece of command) pieces.push(piece.kind === "output" ? piece.data : "gap");
  expect(pieces).toEqual(["1;", "2;"]);
  expect(await command.exitCode).toBe(0);
});

it("what was missed is fetched, and nothing is told twice", async () => {
  const { server, client, told, socket } = await connected();
  await started(client, socket);
  socket.say(status("cmd-1", "running"), output("cmd-1", 1), output("cmd-1", 2));
  told.length = 0;
  const next = await again(
    server,
    socket,
    status("cmd-1", "running", { requestedAt: 1, command: "make" }),
  );
  expect(asked(next, "output:resume")).toEqual([
    { commandId: "cmd-1", afterSequence: 2, requestId: "output" },
  ]);
  next.say(output("cmd-1", 6), page("cmd-1", [3, 4], false));
  await vi.advanceTimersByTimeAsync(20);
  next.say(page("cmd-1", [5, 6], true), output("cmd-1", 6), output("cmd-1", 7));
  next.say(status("cmd-1", "completed", { exitCode: 0 }));
  expect(told).toEqual([
    "RECONNECTING",
    "CONNECTED",
    ...["3;", "4;", "5;", "6;", "7;"],
    "cmd-1 completed",
  ]);
});

it("a command that ended meanwhile is asked for, and its end comes after its output", async () => {
  const { server, client, told, socket } = await connected();
  const { command } = await started(client, socket);
  socket.say(status("cmd-1", "running"), output("cmd-1", 1));
  told.length = 0;
  const next = await again(server, socket);
  next.say(page("cmd-1", [2], true), status("cmd-1", "completed", { exitCode: 4 }));
  expect(told.slice(2)).toEqual(["2;", "cmd-1 completed"]);
  expect(await command.exitCode).toBe(4);
});

it("output that is not kept any more is a gap, and so is what the agent could not keep", async () => {
  const { server, client, told, socket } = await connected();
  await started(client, socket);
  socket.say(status("cmd-1", "running"), output("cmd-1", 1));
  told.length = 0;
  const gap = { nextSequence: 5, fromPosition: 10, toPosition: 90 };
  socket.say(output("cmd-1", 5, { gap, data: "[80 bytes are missing]" }), output("cmd-1", 5));
  expect(told).toEqual(["gap 2-5", "5;"]);
  const next = await again(server, socket, status("cmd-1", "running", { requestedAt: 1 }));
  next.say(page("cmd-1", [9], true));
  expect(told.slice(-2)).toEqual(["gap 6-9", "9;"]);
});

it("a viewer that was too slow fetches what the server skipped", async () => {
  const { client, told, socket } = await connected();
  await started(client, socket);
  socket.say(status("cmd-1", "running"), output("cmd-1", 1));
  told.length = 0;
  socket.say(output("cmd-1", 4, { gap: { nextSequence: 4 }, data: "[…]" }), output("cmd-1", 4));
  await vi.advanceTimersByTimeAsync(20);
  expect(asked(socket, "output:resume")).toMatchObject([{ afterSequence: 1 }]);
  socket.say(page("cmd-1", [2, 3, 4], true));
  expect(told).toEqual(["2;", "3;", "4;"]);
});

it("a question that is not answered, or cannot be now, is asked again", async () => {
  const { server, client, socket } = await connected();
  await started(client, socket);
  socket.say(status("cmd-1", "running"), output("cmd-1", 1));
  const next = await again(server, socket, status("cmd-1", "running", { requestedAt: 1 }));
  const details = { requestId: "output", commandId: "cmd-1" };
  const error = { code: "STORAGE_UNAVAILABLE", message: "later", recoverable: true, details };
  next.say({ type: "error", payload: error });
  await vi.advanceTimersByTimeAsync(999);
  expect(asked(next, "output:resume").length).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked(next, "output:resume").length).toBe(2);
  await vi.advanceTimersByTimeAsync(15_020);
  expect(asked(next, "output:resume").length).toBe(3);
});

it("a request is found again by its name, or its outcome is said to be unknown", async () => {
  const { server, client, socket } = await connected();
  const found = client.start("a", "one");
  const lost = client.start("a", "two");
  lost.catch(() => {});
  const [one] = asked(socket, "command:request");
  const { requestId } = JSON.parse(JSON.stringify(one));
  await again(server, socket, status("cmd-7", "running", { requestId, requestedAt: 1 }));
  expect((await found).id).toBe("cmd-7");
  await expect(lost).rejects.toThrow(UnknownOutcomeError);
});

it("what is asked for without a connection waits, up to its limit, and is not doubtful", async () => {
  const { server, client, socket } = await connected({ mostWaiting: 1 });
  socket.end();
  const waits = client.start("a", "one");
  await expect(client.start("a", "two")).rejects.toThrow(QueueFullError);
  await settle();
  const next = await server.knocked(2);
  greet(next);
  const [one] = asked(next, "command:request");
  const { requestId } = JSON.parse(JSON.stringify(one));
  next.say(status("cmd-1", "queued", { requestId }));
  expect((await waits).id).toBe("cmd-1");
});

it("a refusal belongs to who asked; others are told to everybody", async () => {
  const { client, socket } = await connected();
  const errors: string[] = [];
  client.on("error", ({ code }) => errors.push(code));
  const start = client.start("a", "one");
  const { requestId } = JSON.parse(JSON.stringify(asked(socket, "command:request")[0]));
  const details = { requestId, retryAfter: 500 };
  const error = { code: "RATE_LIMIT", message: "too fast", recoverable: true, details };
  socket.say({ type: "error", payload: error });
  await expect(start).rejects.toMatchObject({ code: "RATE_LIMIT", retryAfterMs: 500 });
  await expect(start).rejects.toThrow(RejectedError);
  const other = { code: "COMMAND_TIMEOUT", message: "too long", recoverable: true };
  socket.say({ type: "error", payload: other });
  expect(errors).toEqual(["COMMAND_TIMEOUT"]);
});

it("an interrupt is said again over the next connection, until the command has ended", async () => {
  const { server, client, socket } = await connected();
  const { command } = await started(client, socket);
  command.interrupt("enough");
  expect(asked(socket, "command:interrupt")).toEqual([{ commandId: "cmd-1", reason: "enough" }]);
  const next = await again(server, socket, status("cmd-1", "running", { requestedAt: 1 }));
  expect(asked(next, "command:interrupt").length).toBe(1);
  next.say(page("cmd-1", [], true), status("cmd-1", "completed", { exitCode: 1 }));
  const last = await again(server, next);
  expect(asked(last, "command:interrupt")).toEqual([]);
});

it("a newer token is shown when four fifths of the present one's time are over", async () => {
  const token = (seconds: number) =>
    `e30.${btoa(JSON.stringify({ exp: 1000 + seconds }))}.${seconds}`;
  const source = vi.fn(() => token(source.mock.calls.length * 100));
  const { client, socket } = await connected({ token: source });
  for (const ms of [40_000, 39_000]) {
    await vi.advanceTimersByTimeAsync(ms);
    socket.say(echo);
  }
  expect(asked(socket, "token:refresh")).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked(socket, "token:refresh")).toEqual([{ token: token(200) }]);
  // The server may say earlier that it does not count.
  const error = { code: "AUTH_FAILED", message: "revoked", recoverable: false };
  socket.say({ type: "error", payload: error });
  await settle();
  expect(asked(socket, "token:refresh").length).toBe(2);
  client.dispose();
  expect(vi.getTimerCount()).toBe(0);
});

it("agents are told again after coming back only if something is different", async () => {
  const { server, client, told, socket } = await connected();
  const agent = (status: string) => ({ agentId: "a", status });
  client.on("agents", (agents) => told.push(`agents ${agents.map(({ status }) => status)}`));
  socket.say({ type: "agent:status", payload: agent("busy") });
  told.length = 0;
  for (const [at, status] of ["busy", "offline", "offline"].entries()) {
    server.sockets.at(-1)?.end();
    await vi.advanceTimersByTimeAsync(4000);
    greetWith(await server.knocked(at + 2), [agent(status)]);
  }
  expect(told.filter((line) => line.startsWith("agents"))).toEqual(["agents offline"]);
  expect(client.agents.get("a")?.status).toBe("offline");
});

it("a queue that is empty now, and one that is held, are told after coming back", async () => {
  const queue = (agentId: string, more: object): ServerMessage =>
    JSON.parse(JSON.stringify({ type: "command:queue", payload: { agentId, queue: [], ...more } }));
  const { server, client, socket } = await connected();
  const waiting = { queue: [{ commandId: "cmd-9", position: 1 }] };
  socket.say(queue("a", waiting), queue("b", waiting));
  expect([...client.queues.keys()]).toEqual(["a", "b"]);
  const told: string[] = [];
  client.on("queue", ({ agentId, queue }) => told.push(`${agentId} ${queue.length}`));
  await again(server, socket, queue("b", waiting));
  expect(told).toEqual(["a 0"]);
  expect([...client.queues.keys()]).toEqual(["b"]);
});
