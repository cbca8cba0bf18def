import { WorkerClient } from "pilothouse-client";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  FakeServer,
  type FakeSocket,
  settle,
} from "../../../../sdk/typescript/src/test/fakeServer";
import { FactStore } from "./facts";
import { Feed, MOST_WAITING } from "./feed";
import { Following, MOST_OF_FLOOD } from "./following";
import { Scheduler } from "./scheduler";
import { Claim } from "./sizing";
import { Typing } from "./typing";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  return () => vi.useRealTimers();
});

const worker = { type: "worker", state: "running", epoch: 1, cols: 80, rows: 24, mayType: true };

const history = (startOffset: number, data: string, replaces = true) => ({
  type: "history",
  data,
  startOffset,
  offset: startOffset + data.length,
  epoch: 1,
  replaces,
});

const output = (data: string, offset: number) => ({ type: "output", data, offset, epoch: 1 });

/** A terminal that reads at once what frames give it. */
async function made() {
  const server = new FakeServer();
  const shown: string[] = [];
  const frames: ((now: number) => void)[] = [];
  const sink = {
    write: (text: string, done: () => void) => {
      if (text !== "") shown.push(text.replace("\u0018\u001bc", "<reset>"));
      done();
    },
    resize: (cols: number, rows: number) => shown.push(`${cols}x${rows}`),
  };
  const client = new WorkerClient({
    ...server.options,
    sessionId: "s",
    workerId: "w",
    token: "t",
    mostWaiting: 9,
  });
  const feed = new Feed(sink, new Scheduler((frame) => frames.push(frame)), Date.now);
  feed.rank = "visible";
  const parts = { client, feed, claim: new Claim(), facts: new FactStore(), now: Date.now };
  const following = new Following(parts);
  const typing = new Typing(parts, following, () => false);
  const draw = () => {
    while (frames.length > 0) frames.shift()?.(0);
    return shown.splice(0);
  };
  const attach = async (count: number, ...messages: object[]): Promise<FakeSocket> => {
    const socket = await server.knocked(count);
    socket.accept();
    socket.say(worker, ...messages);
    await settle();
    return socket;
  };
  return { server, following, typing, draw, attach, ...parts };
}

describe("a terminal that is followed", () => {
  it("shows what was printed, in the size in which it was printed", async () => {
    const { following, attach, draw, facts } = await made();
    following.show();
    const socket = await attach(1, history(0, "abc"));
    socket.say({ type: "resized", cols: 90, rows: 30 }, output("de", 5));
    expect(draw()).toEqual(["80x24", "<reset>abc", "90x30", "de"]);
    expect(facts.now()).toMatchObject({ connection: "open", size: { cols: 90, rows: 30 } });
  });

  it("says since when it is away, and nothing twice when it is back", async () => {
    const { following, attach, draw, facts, typing } = await made();
    following.show();
    const socket = await attach(1, history(0, "abc"));
    socket.end(1012, "server is restarting");
    expect(facts.now()).toMatchObject({ connection: "waiting", awaySince: 1_000_000 });
    typing.type("x");
    expect(facts.now().typedInVain).toBe(true);
    await vi.advanceTimersByTimeAsync(5000);
    const next = await attach(2, history(3, "d", false));
    expect(next.url).toContain("fromOffset=3");
    expect(facts.now()).toMatchObject({ awaySince: undefined, typedInVain: false });
    expect(draw()).toEqual(["80x24", "<reset>abc", "80x24", "d"]);
    expect(next.heard).toEqual([]);
  });

  it("that prints more than can be shown skips to the screen as it is, and says how much that was", async () => {
    const { following, attach, draw, facts, feed, server } = await made();
    following.show();
    const socket = await attach(1, history(0, ""));
    socket.say(output("x".repeat(MOST_WAITING), MOST_WAITING));
    socket.say(output("y", MOST_WAITING + 1));
    expect([feed.waiting, socket.closedWith]).toEqual([0, 1000]);
    expect(facts.now()).toMatchObject({ isCatchingUp: true, awaySince: undefined });
    await vi.advanceTimersByTimeAsync(0);
    await attach(2, history(9_000_000, "now"));
    expect(facts.now()).toMatchObject({ isCatchingUp: false, skippedBytes: 9_000_000 });
    expect(draw().at(-1)).toBe("<reset>now");
    // The next time follows two seconds later at the earliest.
    const again = server.sockets.at(-1);
    again?.say(output("z".repeat(MOST_WAITING + 1), 11_000_000));
    await vi.advanceTimersByTimeAsync(1900);
    expect(server.sockets.length).toBe(2);
    await vi.advanceTimersByTimeAsync(200);
    expect(server.sockets.length).toBe(3);
  });

  it("that fell behind is taken less of for a while, since it will again", async () => {
    const { following, attach, draw, facts, server } = await made();
    following.show();
    const flood = async (count: number, letters: number) => {
      const socket = await attach(count, history(0, ""));
      draw();
      socket.say(output("x".repeat(letters), letters));
      return facts.now().isCatchingUp;
    };
    expect(await flood(1, MOST_WAITING + 1)).toBe(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(await flood(2, MOST_OF_FLOOD + 1)).toBe(true);
    await vi.advanceTimersByTimeAsync(2000);
    expect(await flood(3, MOST_OF_FLOOD)).toBe(false);
    draw();
    await vi.advanceTimersByTimeAsync(10_000);
    server.sockets.at(-1)?.say(output("x".repeat(MOST_WAITING), MOST_OF_FLOOD + MOST_WAITING));
    expect(facts.now().isCatchingUp).toBe(false);
  });

  it("sends keys that are pressed while it catches up, and does not let them wait", async () => {
    const { following, attach, typing, facts } = await made();
    following.show();
    const first = await attach(1, history(0, ""));
    first.say(output("x".repeat(MOST_WAITING + 1), MOST_WAITING + 1));
    await vi.advanceTimersByTimeAsync(0);
    const second = await attach(2, history(9_000_000, "now"));
    second.say(output("x".repeat(MOST_WAITING + 1), 11_000_000));
    typing.type("\u0003");
    const third = await attach(3, history(12_000_000, "now"));
    expect(third.heard).toEqual([{ type: "input", data: "\u0003" }]);
    expect(facts.now().typedInVain).toBe(false);
  });

  it("that nobody looks at and that prints too much waits until somebody does", async () => {
    const { following, attach, facts, server } = await made();
    following.show();
    const socket = await attach(1, history(0, ""));
    following.hide();
    socket.say(output("x".repeat(MOST_WAITING + 1), MOST_WAITING + 1));
    await vi.advanceTimersByTimeAsync(60_000);
    expect([server.sockets.length, facts.now().awaySince]).toEqual([1, undefined]);
    following.show();
    await attach(2, history(5_000_000, "now"));
    expect(facts.now().skippedBytes).toBe(5_000_000);
  });

  it("goes on where it was after a rest", async () => {
    const { following, attach, draw, facts } = await made();
    following.show();
    await attach(1, history(0, "abc"));
    following.hide();
    following.rest();
    expect(facts.now()).toMatchObject({ connection: "idle", awaySince: undefined });
    following.show();
    const next = await attach(2, history(3, "d", false));
    expect(next.url).toContain("fromOffset=3");
    expect(draw()).toEqual(["80x24", "<reset>abc", "80x24", "d"]);
  });

  it("that ended says how, until it is begun anew; and one that was removed says so", async () => {
    const { following, attach, facts } = await made();
    following.show();
    const socket = await attach(1, history(0, "a"), { type: "exit", exitCode: 3, signal: null });
    expect(facts.now().exit).toEqual({ exitCode: 3, signal: null });
    socket.say({ type: "error", code: "WORKER_RESTARTED", message: "anew" });
    socket.end(4001, "worker was restarted");
    await vi.advanceTimersByTimeAsync(1);
    const next = await attach(2);
    next.say({ ...worker, epoch: 2 });
    expect(facts.now().exit).toBeUndefined();
    next.say({ type: "error", code: "WORKER_DELETED", message: "it was removed" });
    expect(facts.now().ending?.kind).toBe("gone");
  });
});

describe("the size", () => {
  const viewers = (...owns: boolean[]) => ({
    type: "viewers",
    total: owns.length,
    viewers: owns.map((ownsSize, at) => ({
      id: `viewer-${at}`,
      user: "ann",
      name: "ann",
      since: "2026-01-01T00:00:00.000Z",
      mayType: true,
      ownsSize,
    })),
  });
  const you = { ...worker, viewerId: "viewer-0" };

  it("of another is followed, and taken by nobody but whoever types", async () => {
    const { following, attach, claim, facts } = await made();
    following.show();
    const socket = await attach(1, you, viewers(false, true), history(0, "a"));
    following.sayIf(claim.fits({ cols: 40, rows: 20 }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect([facts.now().ownership, facts.now().viewerCount]).toEqual(["another's", 2]);
    expect(socket.heard).toEqual([]);
  });

  it("that nobody has any more is for whoever looks, after the owner had time to come back", async () => {
    const { following, attach, claim, facts } = await made();
    following.show();
    const socket = await attach(1, you, viewers(false, true), history(0, "a"));
    following.sayIf(claim.fits({ cols: 40, rows: 20 }));
    socket.say(viewers(false));
    await vi.advanceTimersByTimeAsync(9900);
    expect(socket.heard).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(socket.heard).toEqual([{ type: "resize", cols: 40, rows: 20 }]);
    socket.say(viewers(true));
    expect(facts.now().ownership).toBe("mine");
  });
});

describe("typing", () => {
  it("takes the size with the first key, and not with what the terminal says by itself", async () => {
    const { following, attach, claim, typing } = await made();
    following.show();
    const socket = await attach(1, history(0, "a"));
    claim.knows("another's");
    claim.fits({ cols: 40, rows: 20 });
    typing.type("\u001b[I");
    typing.type("\u001b[<0;3;4M");
    typing.type("l");
    typing.type("s");
    expect(socket.heard).toEqual([
      { type: "input", data: "\u001b[I" },
      { type: "input", data: "\u001b[<0;3;4M" },
      { type: "resize", cols: 40, rows: 20 },
      { type: "input", data: "l" },
      { type: "input", data: "s" },
    ]);
  });

  it("of a viewer, or in a view that is only read, says why it does nothing", async () => {
    const { following, attach, facts, typing } = await made();
    following.show();
    const socket = await attach(1, history(0, "a"));
    facts.set({ isReadOnly: true });
    typing.type("x");
    expect(facts.now().notice?.text).toContain("read-only");
    facts.set({ isReadOnly: false });
    socket.say({ ...worker, mayType: false });
    typing.type("x");
    expect(facts.now().notice?.text).toBe("You may watch this terminal, but not type into it.");
    expect(socket.heard).toEqual([]);
  });

  it("several lines wait for a yes", async () => {
    const { following, attach, facts, typing } = await made();
    following.show();
    const socket = await attach(1, history(0, "a"));
    typing.paste("one\ntwo");
    expect([facts.now().pasted, socket.heard]).toEqual(["one\ntwo", []]);
    typing.decidePaste(false);
    expect(socket.heard).toEqual([]);
    typing.paste("one\ntwo");
    typing.decidePaste(true);
    expect(socket.heard).toEqual([{ type: "input", data: "one\rtwo" }]);
  });

  it("sends pictures, and says which cannot be sent", async () => {
    const { following, attach, facts, typing } = await made();
    following.show();
    const socket = await attach(1, history(0, "a"));
    const png = new File([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)], "a.png");
    await typing.sendPictures([new File(["text"], "b.png"), png]);
    expect(socket.heard).toMatchObject([{ type: "image", mimeType: "image/png" }]);
    expect(facts.now().notice?.text).toMatch(/Sent picture 2 of 2/);
    socket.say({ type: "error", code: "IMAGE_TOO_LARGE", message: "no" });
    expect(facts.now().notice).toMatchObject({ tone: "warning" });
  });
});
