import type { Run } from "pilothouse-client";
import { expect, it } from "vitest";
import { aRun } from "@/testing/runs";
import { joined, later } from "./runs";

const run = (id: string, status: string, more: Partial<Run> = {}): Run =>
  aRun({ id, status, requestedAt: `2026-01-01T00:00:0${id.at(-1)}Z`, ...more });

it("of two tellings of a run the one that is further counts, and the newer of equals", () => {
  const pending = run("r1", "PENDING");
  const running = run("r1", "INPROGRESS");
  const paused = run("r1", "INPROGRESS", { paused: true });
  const over = run("r1", "FAILED");
  expect([later(pending, running), later(running, pending)]).toEqual([running, running]);
  expect([later(over, running), later(running, over)]).toEqual([over, over]);
  expect(later(running, paused)).toBe(paused);
});

it("new runs come on top, and those of the pages are as they are now", () => {
  const pages = [[run("r3", "INPROGRESS"), run("r2", "PENDING")], [run("r1", "COMPLETED")]];
  const newest = [run("r4", "PENDING"), run("r3", "COMPLETED")];
  expect(joined(newest, pages).map(({ id, status }) => `${id} ${status}`)).toEqual([
    "r4 PENDING",
    "r3 COMPLETED",
    "r2 PENDING",
    "r1 COMPLETED",
  ]);
});

it("what has come to fit a filter does not come on top of what is newer", () => {
  const newest = [run("r1", "FAILED")];
  expect(joined(newest, [[run("r3", "FAILED")]]).map(({ id }) => id)).toEqual(["r3"]);
});
