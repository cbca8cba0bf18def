import { expect, it } from "vitest";
import { covered } from "./useKeyboardInset";

it("what is under the keyboard is counted, and nothing else", () => {
  expect(covered(844, { top: 0, height: 500 })).toBe(344);
  expect(covered(400, { top: 0, height: 500 })).toBe(0);
});
