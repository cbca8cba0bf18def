import { expect, it } from "vitest";
import { Feed, MOST_WAITING, type Sink } from "./feed";
import { Scheduler } from "./scheduler";

class FakeSink implements Sink {
  shown: string[] = [];
  pending: (() => void)[] = [];

  write(text: string, done: () => void): void {
    if (text !== "") this.shown.push(text);
    this.pending.push(done);
  }

  resize(cols: number, rows: number): void {
    this.shown.push(`${cols}x${rows}`);
  }

  /** The terminal reads all that it was given. */
  read(): void {
    for (const done of this.pending.splice(0)) done();
  }
}

function made() {
  const frames: ((now: number) => void)[] = [];
  const sink = new FakeSink();
  const scheduler = new Scheduler((callback) => frames.push(callback));
  let now = 0;
  const feed = new Feed(sink, scheduler, () => now);
  feed.rank = "visible";
  return {
    sink,
    feed,
    frames,
    later: (ms: number) => {
      now += ms;
    },
    frame: () => frames.shift()?.(0),
  };
}

it("has no more in the terminal than one slice", () => {
  const { sink, feed, frame } = made();
  feed.push("x".repeat(100_000));
  frame();
  frame();
  expect(sink.shown.map(({ length }) => length)).toEqual([16_000]);
  sink.read();
  frame();
  expect(sink.shown.length).toBe(2);
});

it("learns how fast the terminal reads, and gives it as much as it can take", () => {
  const { sink, feed, frame, later } = made();
  feed.push("x".repeat(1_000_000));
  for (let turn = 0; turn < 12; turn += 1) {
    frame();
    const [begins, ends] = sink.pending.splice(0);
    begins?.();
    // 200 characters in a millisecond: a slow machine.
    later((sink.shown.at(-1)?.length ?? 0) / 200);
    ends?.();
  }
  const last = sink.shown.at(-1)?.length ?? 0;
  expect(last).toBeGreaterThan(1000);
  expect(last).toBeLessThan(3000);
});

it("takes a size only after what was printed before it is read", () => {
  const { sink, feed, frame } = made();
  feed.push("before");
  frame();
  feed.resize({ cols: 90, rows: 30 });
  feed.push("after");
  expect(sink.shown).toEqual(["before"]);
  sink.read();
  frame();
  expect(sink.shown).toEqual(["before", "90x30", "after"]);
});

it("does not take more than it may keep, but a whole screen always", () => {
  const { feed } = made();
  expect(feed.push("x".repeat(MOST_WAITING))).toBe(true);
  expect(feed.push("y")).toBe(false);
  expect(feed.drop()).toBe(MOST_WAITING);
  feed.replace("z".repeat(MOST_WAITING + 1));
  expect(feed.waiting).toBeGreaterThan(MOST_WAITING);
});
