import { beforeEach, expect, it, vi } from "vitest";
import { Patience } from "./patience.js";

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

it("a file that has begun may take its time", () => {
  const patience = new Patience(1000, true);
  vi.advanceTimersByTime(999);
  patience.answered();
  vi.advanceTimersByTime(1_000_000);
  expect(patience.late.aborted).toBe(false);
});

it("a file that does not begin is too late", () => {
  const patience = new Patience(1000, true);
  vi.advanceTimersByTime(1000);
  expect(patience.late.aborted).toBe(true);
});
