// Older lines, as in a shell.

import { expect, it } from "vitest";
import { leavesText, NO_RECALL, recalled, uniqueLines } from "./lines";

const lines = ["make", "ls", "pwd"];

it("each line is there once, the newest first", () => {
  expect(uniqueLines(["make", "ls", " ", "make", "ls", "pwd"])).toEqual(lines);
});

it("goes back line by line, and returns to what was being written", () => {
  const first = recalled(lines, NO_RECALL, "half a li", "older");
  expect(first?.text).toBe("make");
  const second = recalled(lines, first?.recall ?? NO_RECALL, "make", "older");
  expect(second?.text).toBe("ls");
  const back = recalled(lines, second?.recall ?? NO_RECALL, "ls", "newer");
  expect(back?.text).toBe("make");
  expect(recalled(lines, back?.recall ?? NO_RECALL, "make", "newer")?.text).toBe("half a li");
});

it("stops at both ends", () => {
  expect(recalled(lines, { at: 2, draft: "" }, "pwd", "older")).toBeUndefined();
  expect(recalled(lines, NO_RECALL, "", "newer")).toBeUndefined();
});

it("in several lines, arrows move inside the text until they leave it", () => {
  expect(leavesText("one\ntwo", 6, "older")).toBe(false);
  expect(leavesText("one\ntwo", 2, "older")).toBe(true);
  expect(leavesText("one\ntwo", 2, "newer")).toBe(false);
  expect(leavesText("one\ntwo", 5, "newer")).toBe(true);
});
