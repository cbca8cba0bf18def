// One command's output, read from a fake server: every byte once, over whatever happens.

import { DashboardClient, RestClient } from "pilothouse-client";
import { beforeEach, expect, it, vi } from "vitest";
import {
  FakeServer,
  type FakeSocket,
  settle,
} from "../../../../sdk/typescript/src/test/fakeServer";
import { type Reading, readOutput } from "./source";

const ID = "c1";
const status = (state: string) => ({
  type: "command:status",
  payload: { commandId: ID, agentId: "a", status: state },
});
const output = (sequence: number, data: string, stream = "stdout") => ({
  type: "terminal:output",
  payload: { commandId: ID, agentId: "a", data, stream, sequence },
});
const page = (from: number, ...texts: string[]) => ({
  type: "output:page",
  payload: {
    commandId: ID,
    agentId: "a",
    isLast: true,
    records: texts.map((data, index) => ({ data, stream: "stdout", sequence: from + index })),
    requestId: "output",
  },
});
const stored = (text: string, position: number) => ({ position, text, stream: "stdout", at: "" });

/** A server with one command, and what its routes answer now. */
class Served {
  readonly server = new FakeServer();
  readonly dashboard = new DashboardClient({ ...this.server.options, follow: "own" });
  state = "running";
  isAway = false;
  output = { output: [stored("", 0)], next: 0, end: true, pruned: 0 };
  readonly asked: string[] = [];
  readonly rest = new RestClient({
    server: "http://fake",
    retries: 0,
    fetch: async (url) => {
      if (this.isAway) throw new Error("refused");
      this.asked.push(String(url).replace("http://fake", ""));
      const isOutput = String(url).includes("/output");
      return Response.json(isOutput ? this.output : { id: ID, status: this.state });
    },
  });

  async connect(count = 1): Promise<FakeSocket> {
    if (count === 1) this.dashboard.connect().catch(() => {});
    const socket = await this.server.knocked(count);
    socket.accept();
    const features = ["output-resume"];
    socket.say(
      { type: "connection:ack", payload: { connectionId: "c", serverVersion: "1.0.0", features } },
      { type: "agent:list", payload: { agents: [] } },
      ...(this.state === "running" ? [status("running")] : []),
      { type: "heartbeat", payload: { sequence: 1 } },
    );
    return socket;
  }

  /** A view of the command, and all that it was shown. */
  async view() {
    const shown: string[] = [];
    const readings: Reading["is"][] = [];
    const stop = readOutput({
      rest: this.rest,
      dashboard: this.dashboard,
      commandId: ID,
      show: (part) => shown.push(part.kind === "text" ? part.text : `[${part.words}]`),
      become: ({ is }) => readings.push(is),
      drawn: () => Promise.resolve(),
    });
    await settle();
    return { text: () => shown.join(""), readings, stop };
  }
}

/** Questions for missed output that the client asked. */
const questions = ({ heard }: FakeSocket) =>
  heard.filter((message) => JSON.stringify(message).includes("output:resume")).length;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  return () => vi.useRealTimers();
});

it("a command that runs: what it wrote before, and then what it writes", async () => {
  const served = new Served();
  const socket = await served.connect();
  const view = await served.view();
  await vi.advanceTimersByTimeAsync(20);
  socket.say(output(3, "c"));
  socket.say(page(1, "a", "b"));
  socket.say(output(3, "c"), output(4, "d"), status("completed"));
  expect(view.text()).toBe("abcd");
  expect(view.readings).toEqual(["loading", "live", "ended"]);
});

it("a second view of the same command gets all of it, and the first one nothing twice", async () => {
  const served = new Served();
  const socket = await served.connect();
  const first = await served.view();
  await vi.advanceTimersByTimeAsync(20);
  socket.say(page(1, "a", "b"));
  const second = await served.view();
  await vi.advanceTimersByTimeAsync(20);
  socket.say(output(3, "c"));
  socket.say(page(1, "a", "b", "c"));
  socket.say(output(4, "d"));
  expect([first.text(), second.text()]).toEqual(["abcd", "abcd"]);
});

it("over a lost connection nothing is lost and nothing comes twice", async () => {
  const served = new Served();
  const socket = await served.connect();
  const view = await served.view();
  await vi.advanceTimersByTimeAsync(20);
  socket.say(page(1, "a"));
  socket.say(output(2, "b"));
  socket.end();
  await vi.advanceTimersByTimeAsync(5000);
  const next = await served.connect(2);
  await vi.advanceTimersByTimeAsync(20);
  expect(questions(next)).toBe(1);
  next.say(page(3, "c"));
  next.say(output(4, "d"));
  expect(view.text()).toBe("abcd");
});

it("what is not kept any more is said where it is missing", async () => {
  const served = new Served();
  const socket = await served.connect();
  const view = await served.view();
  await vi.advanceTimersByTimeAsync(20);
  socket.say(page(7, "g"));
  expect(view.text()).toBe("[Some output is missing here: it is not kept any more]g");
});

it("an ended command is read from what is stored, with what was pruned", async () => {
  const served = new Served();
  served.state = "failed";
  served.output = {
    output: [stored("b", 2000), stored("c", 2001)],
    next: 2002,
    end: true,
    pruned: 2000,
  };
  const view = await served.view();
  await settle();
  expect(view.text()).toBe("[2.0 KB from here are not kept any more]bc");
  expect(view.readings.at(-1)).toBe("ended");
});

it("a command that ends while it is looked up is read from what is stored", async () => {
  const served = new Served();
  const socket = await served.connect();
  served.output = { output: [stored("all", 0)], next: 3, end: true, pruned: 0 };
  const opening = served.view();
  socket.say(output(1, "all"), status("completed"));
  const view = await opening;
  await settle();
  expect(view.text()).toBe("all");
});

it("a server that is away is asked again when it is back", async () => {
  const served = new Served();
  served.isAway = true;
  const view = await served.view();
  expect(view.readings).toEqual(["loading", "failed"]);
  served.isAway = false;
  const socket = await served.connect();
  await vi.advanceTimersByTimeAsync(20);
  socket.say(page(1, "a"));
  expect(view.text()).toBe("a");
});

it("a view that was closed is told nothing more", async () => {
  const served = new Served();
  const socket = await served.connect();
  const view = await served.view();
  await vi.advanceTimersByTimeAsync(20);
  socket.say(page(1, "a"));
  view.stop();
  socket.say(output(2, "b"));
  expect(view.text()).toBe("a");
});
