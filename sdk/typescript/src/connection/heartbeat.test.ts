import { beforeEach, expect, it, vi } from "vitest";
import { Heartbeat } from "./heartbeat.js";

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

function heart(onlyInSilence = false) {
  const beat = vi.fn();
  const dead = vi.fn();
  const plan = { everyMs: 30_000, deadAfterMs: 60_000, onlyInSilence };
  const heartbeat = new Heartbeat(plan, beat, dead, Date.now);
  heartbeat.start();
  return { heartbeat, beat, dead };
}

it("a life sign is sent every 30 s, and 60 s of silence are the end", () => {
  const { beat, dead } = heart();
  vi.advanceTimersByTime(30_000);
  expect(beat).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(29_999);
  expect(dead).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(dead).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(600_000);
  expect(beat).toHaveBeenCalledTimes(1);
});

it("whoever is heard lives on", () => {
  const { heartbeat, beat, dead } = heart();
  for (let second = 0; second < 300; second += 20) {
    vi.advanceTimersByTime(20_000);
    heartbeat.heard();
  }
  expect(beat).toHaveBeenCalledTimes(10);
  expect(dead).not.toHaveBeenCalled();
});

it("the timer is set anew when an answer comes, so that hidden pages may go on", () => {
  const { heartbeat, beat } = heart();
  const set = vi.spyOn(globalThis, "setTimeout");
  for (let round = 1; round <= 3; round++) {
    vi.advanceTimersByTime(30_000);
    expect([beat.mock.calls.length, set.mock.calls.length]).toEqual([round, 2 * round - 1]);
    heartbeat.heard();
    heartbeat.heard();
    expect(set).toHaveBeenCalledTimes(2 * round);
  }
  set.mockRestore();
});

it("where the server speaks, a life sign is asked for in silence only", () => {
  const { heartbeat, beat } = heart(true);
  vi.advanceTimersByTime(20_000);
  heartbeat.heard();
  vi.advanceTimersByTime(29_999);
  expect(beat).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(beat).toHaveBeenCalledTimes(1);
});

it("after waking up an answer is waited for only shortly", () => {
  const { heartbeat, beat, dead } = heart();
  heartbeat.probe();
  expect(beat).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(4999);
  expect(dead).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(dead).toHaveBeenCalledTimes(1);
});
