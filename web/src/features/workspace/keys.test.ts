// Keys of a workspace, and where dragged tabs land.

import { expect, test } from "vitest";
import { indexAt, sideAt } from "./dragging";
import { workspaceKey } from "./keys";

const pressed = (key: string, held = "ctrl alt") => ({
  key,
  ctrlKey: held.includes("ctrl"),
  altKey: held.includes("alt"),
  shiftKey: held.includes("shift"),
  metaKey: held.includes("meta"),
});

test("with Ctrl and Alt, arrows look aside, with Shift they move lines", () => {
  expect(workspaceKey(pressed("ArrowLeft"))).toEqual({ act: "look", direction: "left" });
  expect(workspaceKey(pressed("ArrowDown", "ctrl alt shift"))).toEqual({
    act: "resize",
    direction: "down",
  });
  expect(workspaceKey(pressed("PageUp"))).toEqual({ act: "turn", by: -1 });
});

test.each([
  ["ArrowLeft", "ctrl"],
  ["ArrowLeft", "alt"],
  ["ArrowLeft", "ctrl alt meta"],
  ["Enter", "ctrl alt shift"],
  ["7", "ctrl alt"],
  ["{", "ctrl alt"],
  ["c", "ctrl"],
])("%s with %s is the terminal's", (key, held) => {
  expect(workspaceKey(pressed(key, held))).toBeUndefined();
});

test("near an edge a tab lands beside the pane, else in it", () => {
  expect([sideAt(0.1, 0.5), sideAt(0.95, 0.4), sideAt(0.5, 0.1), sideAt(0.5, 0.9)]).toEqual([
    "left",
    "right",
    "above",
    "below",
  ]);
  expect(sideAt(0.5, 0.5)).toBe("inside");
  expect(sideAt(0.2, 0.1)).toBe("above");
});

test("among tabs it lands before the first whose middle is further on", () => {
  expect([indexAt(5, [10, 30]), indexAt(20, [10, 30]), indexAt(99, [10, 30])]).toEqual([0, 1, 2]);
});
