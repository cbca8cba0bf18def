import type { Run } from "pilothouse-client";
import { expect, it } from "vitest";
import { aRun } from "@/testing/runs";
import { mayManage, runName, standingOf } from "./standing";

const since = "2026-01-01T00:00:00Z";
const wait = (kind: "question" | "approval") => ({ id: "w1", kind, text: "?", since });

it.each<[Partial<Run>, string]>([
  [{ status: "PENDING" }, "Waits to begin"],
  [{}, "Running"],
  [{ paused: true }, "Paused"],
  [{ waiting: wait("question"), paused: true }, "Asks"],
  [{ waiting: wait("approval") }, "Wants approval"],
  [{ status: "COMPLETED" }, "Completed"],
  [{ status: "FAILED", waiting: wait("question") }, "Failed"],
  [{ status: "CANCELLED", paused: true }, "Cancelled"],
])("%j is %s", (more, words) => {
  expect(standingOf(aRun(more)).words).toBe(words);
});

it("is called by its task, or by what else it is", () => {
  expect(runName(aRun({ task: "  Buy shoes\nin red" }))).toBe("Buy shoes");
  expect(runName(aRun({ task: null, script: [{}, {}] }))).toBe("Script of 2 actions");
  expect(runName(aRun({ task: null, script: [{}], heals: true }))).toBe("Replay of 1 action");
  expect(runName(aRun({ task: null }))).toBe("run-1");
});

it("is managed by whoever made it, and by administrators", () => {
  const may = (act: boolean, administer: boolean) => ({ act, administer });
  expect(mayManage(aRun(), { id: "usr-ann" }, may(true, false))).toBe(true);
  expect(mayManage(aRun(), { id: "usr-ben" }, may(true, false))).toBe(false);
  expect(mayManage(aRun(), { id: "usr-ben" }, may(true, true))).toBe(true);
  // Who lost the role may not any more.
  expect(mayManage(aRun(), { id: "usr-ann" }, may(false, false))).toBe(false);
});
