import { expect, it } from "vitest";
import { cellsIn, fontFor } from "./fitting";

const cell = { width: 8, height: 16 };

it("as many whole cells fit as there is room for", () => {
  expect(cellsIn({ width: 807, height: 399 }, cell)).toEqual({ cols: 100, rows: 24 });
  expect(cellsIn({ width: 3, height: 3 }, cell)).toEqual({ cols: 2, rows: 1 });
  expect(cellsIn({ width: 0, height: 100 }, cell)).toBeUndefined();
  expect(cellsIn({ width: 100, height: 100 }, { width: 0, height: 0 })).toBeUndefined();
});

it("letters become smaller for a size of others, never larger, and stay readable", () => {
  const room = { width: 400, height: 400 };
  expect(fontFor({ cols: 60, rows: 20 }, room, cell, 12)).toBe(10);
  expect(fontFor({ cols: 20, rows: 10 }, room, cell, 12)).toBe(12);
  expect(fontFor({ cols: 500, rows: 100 }, room, cell, 12)).toBe(8);
});
