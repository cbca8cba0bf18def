import { expect, it } from "vitest";
import { viewersFor } from "./viewers.js";

const viewer = (id: string) => ({
  id,
  user: "ann",
  name: "Ann",
  since: "2026-01-01T00:00:00.000Z",
  mayType: true,
  ownsSize: false,
});

it("somebody with two windows is one of them only once", () => {
  const told = { viewers: [viewer("viewer-1"), viewer("viewer-2")], total: 9 };
  const seen = viewersFor("viewer-2", told);
  expect(seen.viewers.map(({ isYou }) => isYou)).toEqual([false, true]);
  expect(seen.viewers[0]).toEqual({ ...viewer("viewer-1"), isYou: false });
  expect(seen.total).toBe(9);
  expect(viewersFor(undefined, told).viewers.some(({ isYou }) => isYou)).toBe(false);
});
