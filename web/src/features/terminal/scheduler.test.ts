import { describe, expect, it } from "vitest";
import { nextWidth, type Rank, Scheduler, shareOut, type Writable } from "./scheduler";

class Fake implements Writable {
  isBusy = false;
  written: number[] = [];
  hurried = 0;
  constructor(
    public rank: Rank,
    public waiting: number,
    public speed = 1000,
  ) {}

  write(most: number): void {
    const now = Math.min(most, this.waiting);
    this.waiting -= now;
    this.written.push(now);
  }

  writeNow(): void {
    this.hurried += 1;
    this.waiting = 0;
  }
}

const everybody = { turn: 0, widest: 100 };

describe("one frame", () => {
  it("costs all terminals together no more than it may, and the focused gets most", () => {
    const all = [new Fake("visible", 1e6), new Fake("focused", 1e6), new Fake("visible", 1e6)];
    const slices = shareOut(all, everybody);
    expect(slices.map(({ to }) => to.rank)).toEqual(["focused", "visible", "visible"]);
    const [focused, ...others] = slices.map(({ most }) => most);
    expect(others).toEqual([1600, 1600]);
    expect(focused).toBe(4800);
  });

  it("gives what one does not need to those behind it", () => {
    const slices = shareOut([new Fake("focused", 100), new Fake("visible", 1e6)], everybody);
    expect(slices.at(1)?.most).toBe(7900);
  });

  it("passes over who reads still, and gives hidden terminals little, but never nothing for long", () => {
    const busy = new Fake("visible", 1e6);
    busy.isBusy = true;
    const looked = new Fake("visible", 4000);
    const hidden = [new Fake("hidden", 1e6), new Fake("hidden", 1e6), new Fake("hidden", 1e6)];
    const first = shareOut([busy, looked, ...hidden], everybody);
    expect(first.map(({ to }) => to)).toEqual([looked, hidden[0], hidden[1]]);
    expect(first.at(1)?.most).toBe(1024);
    const next = shareOut([busy, looked, ...hidden], { turn: 2, widest: 100 });
    expect(next.map(({ to }) => to)).toEqual([looked, hidden[2], hidden[0]]);
  });

  it("takes turns when a machine cannot draw all of them", () => {
    const all = [1, 2, 3].map(() => new Fake("visible", 1e6));
    const turns = [0, 1, 2].map((turn) => shareOut(all, { turn, widest: 1 })[0]?.to);
    expect(turns).toEqual(all);
  });
});

it("slow frames halve how many terminals are drawn, quick ones let one more in", () => {
  expect(nextWidth(8, 60, 8)).toBe(4);
  expect(nextWidth(1, 60, 8)).toBe(1);
  expect(nextWidth(4, 17, 8)).toBe(5);
  expect(nextWidth(8, 17, 8)).toBe(8);
  expect(nextWidth(4, 30, 8)).toBe(4);
  expect(nextWidth(4, 60_000, 8)).toBe(4);
});

describe("the scheduler", () => {
  const frames: ((now: number) => void)[] = [];
  const made = () => {
    frames.length = 0;
    return new Scheduler((callback) => frames.push(callback));
  };

  it("writes until nothing waits, and then asks for no more frames", () => {
    const scheduler = made();
    const one = new Fake("visible", 20_000);
    scheduler.add(one);
    scheduler.wake(one);
    scheduler.wake(one);
    let now = 0;
    while (frames.length > 0) {
      now += 16;
      frames.shift()?.(now);
    }
    expect(one.written).toEqual([8000, 8000, 4000]);
  });

  it("does not let the answer to a key wait for a frame, but a flood", () => {
    const scheduler = made();
    const [key, flood] = [new Fake("focused", 3), new Fake("focused", 30_000)];
    scheduler.add(key);
    scheduler.add(flood);
    scheduler.wake(flood);
    expect(flood.hurried).toBe(0);
    scheduler.wake(key);
    key.waiting = 3;
    scheduler.wake(key);
    expect(key.hurried).toBe(1);
    frames.shift()?.(16);
    key.waiting = 3;
    scheduler.wake(key);
    expect(key.hurried).toBe(2);
  });

  it("writes nothing to who has left", () => {
    const scheduler = made();
    const one = new Fake("visible", 10);
    const leave = scheduler.add(one);
    scheduler.wake(one);
    leave();
    frames.shift()?.(16);
    expect(one.written).toEqual([]);
  });
});
