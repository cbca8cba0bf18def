// A player shows what a recording has at each moment, whatever is done with it. Time is turned by hand.

import { beforeEach, describe, expect, it } from "vitest";
import type { CastEvent, CastHeader } from "./cast";
import { FIRST, MOST_AT_ONCE, Player, type Playing } from "./player";

const HEADER: CastHeader = { columns: 80, rows: 24, title: undefined, begunAt: undefined };

const output = (at: number, text: string): CastEvent => ({ at, kind: "output", text });

/** One output each second for ten seconds, then the exit. */
const SECONDS: readonly CastEvent[] = [
  ...Array.from({ length: 10 }, (_, index) => output((index + 1) * 1000, String(index))),
  { at: 10_500, kind: "exit", code: 3 },
];

/** A screen that keeps what it was told, and a clock that stands still until it is turned. */
function stage() {
  let time = 0;
  let text = "";
  let size = "";
  let waiting: (() => void)[] = [];
  const frames = new Set<() => void>();
  const written: number[] = [];
  let isSlow = false;
  let playing: Playing = FIRST;
  const player = new Player(
    {
      write: (more, done) => {
        text += more;
        written.push(more.length);
        if (isSlow) waiting.push(done);
        else done();
      },
      resize: (columns, rows) => {
        size = `${columns}x${rows}`;
      },
      reset: () => {
        text = "";
      },
    },
    {
      now: () => time,
      frame: (call) => {
        frames.add(call);
        return () => frames.delete(call);
      },
    },
    (now) => {
      playing = now;
    },
  );
  const frame = () => {
    const calls = [...frames];
    frames.clear();
    for (const call of calls) call();
  };
  return {
    player,
    /** Draws frames until `milliseconds` have passed. */
    pass(milliseconds: number, step = 16) {
      const end = time + milliseconds;
      while (time < end) {
        time = Math.min(end, time + step);
        frame();
      }
    },
    /** Draws as many frames as are wanted, without time. */
    settle() {
      for (let count = 0; frames.size > 0 && count < 1000; count += 1) {
        if (playing.isPlaying && !playing.isSeeking) return;
        frame();
      }
    },
    slow(is: boolean) {
      isSlow = is;
    },
    drawn() {
      const calls = waiting;
      waiting = [];
      for (const call of calls) call();
    },
    text: () => text,
    size: () => size,
    playing: () => playing,
    frames: () => frames.size,
    written,
  };
}

describe("a player", () => {
  let shown: ReturnType<typeof stage>;
  beforeEach(() => {
    shown = stage();
  });

  it("shows output at its moment, and stops at the end with the exit code", () => {
    shown.player.load(HEADER, SECONDS, true);
    expect(shown.size()).toBe("80x24");
    shown.player.play();
    shown.pass(3500);
    expect(shown.text()).toBe("012");
    expect(shown.playing().exit).toBeUndefined();
    shown.pass(8000);
    expect(shown.text()).toBe("0123456789");
    expect(shown.playing()).toMatchObject({ isPlaying: false, position: 10_500, exit: 3 });
    expect(shown.frames()).toBe(0);
  });

  it("stands still while it is paused, and goes on from there", () => {
    shown.player.load(HEADER, SECONDS, true);
    shown.player.play();
    shown.pass(2500);
    shown.player.pause();
    shown.pass(60_000);
    expect(shown.text()).toBe("01");
    shown.player.toggle();
    shown.pass(600);
    expect(shown.text()).toBe("012");
  });

  it("plays faster and slower", () => {
    shown.player.load(HEADER, SECONDS, true);
    shown.player.setSpeed(4);
    shown.player.play();
    shown.pass(1100);
    expect(shown.text()).toBe("0123");
    shown.player.setSpeed(0.5);
    shown.pass(1000);
    expect(shown.text()).toBe("0123");
    shown.pass(400);
    expect(shown.text()).toBe("01234");
  });

  it("cuts long pauses short, or leaves them as they were", () => {
    const events = [output(1000, "a"), output(61_000, "b"), output(62_000, "c")];
    shown.player.load(HEADER, events, true);
    expect(shown.playing().duration).toBe(4000);
    shown.player.play();
    shown.pass(3100);
    expect(shown.text()).toBe("ab");
    expect(shown.playing().recorded).toBeGreaterThanOrEqual(61_000);
    shown.player.cutPauses(false);
    expect(shown.playing().duration).toBe(62_000);
    expect(shown.playing().position).toBeGreaterThanOrEqual(61_000);
    shown.pass(1000);
    expect(shown.text()).toBe("abc");
  });

  it("goes anywhere, and shows exactly what was there", () => {
    shown.player.load(HEADER, SECONDS, true);
    for (const [moment, text] of [
      [7200, "0123456"],
      [2000, "01"],
      [0, ""],
      [99_999, "0123456789"],
      [1999, "0"],
    ] as const) {
      shown.player.seek(moment);
      shown.settle();
      expect(shown.text()).toBe(text);
      expect(shown.playing().isSeeking).toBe(false);
    }
    expect(shown.playing().position).toBe(1999);
  });

  it("goes on playing after it went somewhere", () => {
    shown.player.load(HEADER, SECONDS, true);
    shown.player.play();
    shown.pass(1100);
    shown.player.seekBy(5000);
    shown.pass(16);
    shown.player.seekBy(-1000);
    shown.pass(1000);
    expect(shown.text()).toBe("012345");
    expect(shown.playing().isPlaying).toBe(true);
  });

  it("adds up steps that come faster than frames", () => {
    shown.player.load(HEADER, SECONDS, true);
    shown.player.seekBy(2000);
    shown.player.seekBy(2000);
    shown.player.seekBy(2000);
    shown.settle();
    expect(shown.playing().position).toBe(6000);
  });

  it("begins again from the end", () => {
    shown.player.load(HEADER, SECONDS, true);
    shown.player.seek(99_999);
    shown.settle();
    shown.player.play();
    shown.pass(1100);
    expect(shown.text()).toBe("0");
  });

  it("has the size that the terminal had, also after going back", () => {
    const events: CastEvent[] = [
      output(1000, "a"),
      { at: 2000, kind: "resize", columns: 100, rows: 40 },
      output(3000, "b"),
    ];
    shown.player.load(HEADER, events, true);
    shown.player.seek(2500);
    shown.settle();
    expect(shown.size()).toBe("100x40");
    shown.player.seek(500);
    shown.settle();
    expect(shown.size()).toBe("80x24");
  });

  it("goes to a moment of an address as soon as that is loaded", () => {
    shown.player.seekRecorded(4500);
    shown.player.load(HEADER, SECONDS.slice(0, 2), false);
    shown.settle();
    expect(shown.playing()).toMatchObject({ isSeeking: true, isLoading: true });
    expect(shown.frames()).toBe(0);
    shown.player.load(undefined, SECONDS.slice(2), true);
    shown.settle();
    expect(shown.playing()).toMatchObject({ isSeeking: false, position: 4500 });
    expect(shown.text()).toBe("0123");
  });

  it("shows the end of one that is shorter than the address says", () => {
    shown.player.seekRecorded(900_000);
    shown.player.load(HEADER, SECONDS, true);
    shown.settle();
    expect(shown.playing()).toMatchObject({ isSeeking: false, position: 10_500 });
  });

  it("writes floods in pieces, one at a time, and waits for a screen that is slow", () => {
    const piece = "x".repeat(32 * 1024);
    const flood = Array.from({ length: 100 }, () => output(1000, piece));
    shown.player.load(HEADER, flood, true);
    shown.slow(true);
    shown.player.play();
    shown.pass(2000);
    expect(shown.written).toHaveLength(1);
    expect(shown.playing().position).toBeLessThanOrEqual(1000);
    for (let count = 0; count < 200; count += 1) {
      shown.drawn();
      shown.pass(16);
    }
    expect(shown.text()).toHaveLength(100 * piece.length);
    expect(Math.max(...shown.written)).toBeLessThan(2 * MOST_AT_ONCE);
    expect(shown.playing().isPlaying).toBe(false);
  });

  it("knows where markers are, also when pauses are cut otherwise", () => {
    const marked: CastEvent[] = [output(1000, "a"), { at: 31_000, kind: "marker", label: "here" }];
    shown.player.load(HEADER, marked, true);
    expect(shown.player.markers).toEqual([{ moment: 3000, label: "here" }]);
    shown.player.cutPauses(false);
    expect(shown.player.markers).toEqual([{ moment: 31_000, label: "here" }]);
  });

  it("does nothing any more when it is over", () => {
    shown.player.load(HEADER, SECONDS, true);
    shown.player.play();
    shown.player.dispose();
    shown.pass(5000);
    expect(shown.text()).toBe("");
  });
});
