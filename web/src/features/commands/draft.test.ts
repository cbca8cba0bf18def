// From what is written to what is sent.

import { expect, it } from "vitest";
import { checked, EMPTY_DRAFT, filledOptions, fromPreset } from "./draft";

const draft = { ...EMPTY_DRAFT, line: "make" };

it("says only what was filled in", () => {
  expect(checked("a", draft)).toEqual({
    body: { agentId: "a", command: "make", priority: "normal" },
  });
});

it("a time limit is seconds, a variable is all behind its first equals sign", () => {
  const full = { ...draft, directory: " ~/shop ", timeout: "1.5", environment: "A=1=2\n\n B =x y" };
  expect(checked("a", full)).toMatchObject({
    body: { directory: "~/shop", timeout: 1500, environment: { A: "1=2", B: "x y" } },
  });
  expect(filledOptions(full)).toBe(3);
});

it.each([
  [{ line: "  " }, /line/],
  [{ timeout: "soon" }, /seconds/],
  [{ timeout: "-1" }, /seconds/],
  [{ environment: "PATH" }, /"PATH" is no variable/],
])("%j is refused in words", (part, words) => {
  const { problem } = { problem: "", ...checked("a", { ...draft, ...part }) };
  expect(problem).toMatch(words);
});

it("a preset fills the fields in", () => {
  const preset = {
    id: "p",
    name: "Build",
    command: "make all",
    priority: "high",
    timeout: 60_000,
    directory: null,
    madeBy: "ann",
    changedAt: "",
  } as const;
  expect(fromPreset(preset)).toEqual({
    ...EMPTY_DRAFT,
    line: "make all",
    priority: "high",
    timeout: "60",
  });
});
