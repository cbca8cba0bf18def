import type { RunStep } from "pilothouse-client";
import { expect, it } from "vitest";
import { chosenOf, placeAfter, placesOf } from "./chosen";

const steps: readonly RunStep[] = [1, 2, 3].map((number) => ({
  number,
  action: {},
  explanation: "",
  at: "",
  hasScreenshot: true,
}));

it("what is to be seen now comes last, while there is something", () => {
  expect(placesOf(steps, true)).toEqual([1, 2, 3, "now"]);
  expect(placesOf(steps, false)).toEqual([1, 2, 3]);
});

it("the step that the address names is shown, or else the last place", () => {
  expect(chosenOf([1, 2, "now"], 2)).toBe(2);
  expect(chosenOf([1, 2, "now"], undefined)).toBe("now");
  expect(chosenOf([1, 2], 9)).toBe(2);
  expect(chosenOf([], 1)).toBeUndefined();
});

it.each([
  ["ArrowLeft", "now", 3],
  ["ArrowLeft", 1, 1],
  ["ArrowRight", 1, 2],
  ["ArrowRight", "now", "now"],
  ["Home", 3, 1],
  ["End", 1, "now"],
  ["a", 1, undefined],
] as const)("%s leads from %s to %s", (key, from, to) => {
  expect(placeAfter(key, placesOf(steps, true), from)).toBe(to);
});

it("keys lead nowhere where nothing is", () => {
  expect(placeAfter("ArrowRight", [], undefined)).toBeUndefined();
});
