// Recorded pictures are shown at their moments, from wherever somebody wants.
import { describe, expect, it } from "vitest";
import { placeAt, Reel } from "./reel";

const PICTURES = [0, 1000, 1500, 4000].map((atMs, n) => ({
  n,
  atMs,
  bytes: 1,
  mime: "image/jpeg",
}));

function playing(fails: readonly number[] = []) {
  let now = 0;
  let frame: (() => void) | undefined;
  const fetched: number[] = [];
  const drawn: number[] = [];
  const fetch = async (n: number): Promise<ImageBitmap> => {
    fetched.push(n);
    if (fails.includes(n)) throw new Error(`no picture ${n}`);
    return { width: n + 1, height: 1, close: () => {} };
  };
  const clock = {
    now: () => now,
    frame: (call: () => void) => {
      frame = call;
      return () => {
        frame = undefined;
      };
    },
  };
  const reel = new Reel(PICTURES, 5000, fetch, ({ width }) => drawn.push(width - 1), clock);
  const settle = () => new Promise((done) => setTimeout(done, 0));
  const pass = async (ms: number) => {
    now += ms;
    const call = frame;
    frame = undefined;
    call?.();
    await settle();
  };
  return { reel, drawn, fetched, pass, settle };
}

it("the picture of a moment is the last before it", () => {
  expect([-1, 0, 999, 1000, 1600, 9000].map((at) => placeAt(PICTURES, at))).toEqual([
    -1, 0, 0, 1, 2, 3,
  ]);
});

describe("a reel", () => {
  it("plays to its end at its speed, and begins anew after it", async () => {
    const { reel, drawn, pass, settle } = playing();
    reel.setSpeed(2);
    reel.play();
    await settle();
    await pass(500);
    await pass(2000);
    expect([drawn, reel.state.getState().isPlaying]).toEqual([[0, 1, 3], false]);
    expect(reel.state.getState().position).toBe(5000);
    reel.play();
    await settle();
    expect(drawn).toEqual([0, 1, 3, 0]);
  });

  it("goes anywhere, and a picture at a time", async () => {
    const { reel, drawn, settle } = playing();
    reel.seek(4200);
    await settle();
    reel.step(-1);
    await settle();
    reel.step(-9);
    await settle();
    expect([drawn, reel.state.getState().position]).toEqual([[3, 2, 0], 0]);
  });

  it("shows only where somebody is by the time it is fetched, and fetches each once", async () => {
    const { reel, drawn, fetched, settle } = playing();
    reel.seek(0);
    reel.seek(1000);
    reel.seek(4000);
    await settle();
    expect(drawn).toEqual([3]);
    expect([...fetched].sort()).toEqual([0, 1, 2, 3]);
  });

  it("says which picture could not be had, and goes on with the next", async () => {
    const { reel, drawn, settle } = playing([1]);
    reel.seek(1000);
    await settle();
    expect(reel.state.getState().problem).toBeInstanceOf(Error);
    reel.seek(1600);
    await settle();
    expect([drawn, reel.state.getState().problem]).toEqual([[2], undefined]);
  });
});
