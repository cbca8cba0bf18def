import { expect, it } from "vitest";
import { pointsOf } from "./Sparkline";

it("goes from the left to the right, nothing at the bottom and all at the top", () => {
  expect(pointsOf([0, 50, 100], 100)).toBe("0.0,19.5 48.0,10.0 96.0,0.5");
});

it("leaves out what was not told, and stays inside whatever comes", () => {
  expect(pointsOf([undefined, 300, -5], 100)).toBe("48.0,0.5 96.0,19.5");
  expect(pointsOf([1], 0)).toBe("0.0,19.5");
});
