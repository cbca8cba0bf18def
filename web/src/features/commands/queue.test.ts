// Moving in a queue of three classes.

import type { dashboard } from "pilothouse-client";
import { expect, it } from "vitest";
import { moved, placeInClass } from "./queue";

const queue = (
  [
    ["h1", "high"],
    ["h2", "high"],
    ["n1", "normal"],
    ["n2", "normal"],
    ["n3", "normal"],
    ["l1", "low"],
  ] as const
).map(
  ([commandId, priority], index): dashboard.QueuedCommand => ({
    commandId,
    priority,
    command: commandId,
    position: index + 1,
    requestedBy: "ann",
    requestedAt: 0,
  }),
);
const ids = (all: readonly dashboard.QueuedCommand[]) =>
  all.map(({ commandId }) => commandId).join(" ");

it.each([
  ["n3", 0, "h1 h2 n3 n1 n2 l1"],
  ["n1", 2, "h1 h2 n2 n3 n1 l1"],
  ["n1", 99, "h1 h2 n2 n3 n1 l1"],
  ["n2", -1, "h1 h2 n2 n1 n3 l1"],
  ["h2", 0, "h2 h1 n1 n2 n3 l1"],
  ["l1", 0, "h1 h2 n1 n2 n3 l1"],
  ["gone", 0, "h1 h2 n1 n2 n3 l1"],
])("%s to place %d of its class", (id, to, expected) => {
  const next = moved(queue, id, to);
  expect(ids(next)).toBe(expected);
  expect(next.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6]);
});

it("a place is counted inside the class", () => {
  expect(placeInClass(queue, "n2")).toEqual({ at: 1, of: 3 });
  expect(placeInClass(queue, "h1")).toEqual({ at: 0, of: 2 });
});
