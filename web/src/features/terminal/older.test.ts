import { expect, it } from "vitest";
import { extent, gather, NOTHING, PIECE, type Stretch, textOf, wanted, withPiece } from "./older";

const END = 3 * PIECE + 100;

const piece = (from: number, to: number, data = "") => ({
  data,
  startOffset: from,
  endOffset: to,
  firstOffset: 0,
});

function loaded(stretch: Stretch, goes: "older" | "newer"): Stretch {
  const range = wanted(stretch, goes, END);
  return range === undefined ? stretch : withPiece(stretch, piece(range.from, range.to), goes);
}

it("is read backwards from the end to the beginning, without a hole", () => {
  let stretch = NOTHING;
  const ranges: unknown[] = [];
  for (let range = wanted(stretch, "older", END); range; range = wanted(stretch, "older", END)) {
    ranges.push(range);
    stretch = loaded(stretch, "older");
  }
  expect(ranges).toEqual([
    { from: 2 * PIECE + 100, to: END },
    { from: PIECE + 100, to: 2 * PIECE + 100 },
    { from: 100, to: PIECE + 100 },
    { from: 0, to: 100 },
  ]);
  expect(wanted(stretch, "newer", END)).toBeUndefined();
});

it("keeps a few pieces: the newest give way, and come again", () => {
  const many = 10 * PIECE;
  let stretch = NOTHING;
  for (let turn = 0; turn < 6; turn += 1) {
    const range = wanted(stretch, "older", many);
    if (range) stretch = withPiece(stretch, piece(range.from, range.to), "older");
  }
  expect(extent(stretch)).toEqual({ from: 4 * PIECE, to: 8 * PIECE });
  expect(wanted(stretch, "newer", many)).toEqual({ from: 8 * PIECE, to: 9 * PIECE });
});

it("asks on until the range is whole, and says what is missing in it", async () => {
  const kept = [
    { ...piece(10, 14, "abcd") },
    { ...piece(14, 15, "e") },
    { ...piece(18, 20, "hi") },
  ];
  const asked: number[] = [];
  const ask = async (from: number) => {
    asked.push(from);
    return kept.find(({ endOffset }) => endOffset > from) ?? piece(20, 20);
  };
  const whole = await gather(ask, { from: 10, to: 30 });
  expect(asked).toEqual([10, 14, 15, 20]);
  expect(whole).toMatchObject({ startOffset: 10, endOffset: 20 });
  expect(whole.data).toBe("abcde\r\n[3 bytes are not kept]\r\nhi");
});

it("stops at the oldest byte that is kept", () => {
  const kept = { ...piece(5000, END), firstOffset: 5000 };
  const stretch = withPiece(NOTHING, kept, "older");
  expect(wanted(stretch, "older", END)).toBeUndefined();
  const nothing = withPiece(NOTHING, { ...piece(END, END), firstOffset: END }, "older");
  expect(wanted(nothing, "older", END)).toBeUndefined();
});

it("leaves out a line of which it has only the end", () => {
  const middle = withPiece(NOTHING, piece(50, 90, "31mred\nwhole"), "older");
  expect(textOf(middle)).toBe("whole");
  const begin = withPiece(NOTHING, piece(0, 40, "first\nsecond"), "older");
  expect(textOf(begin)).toBe("first\nsecond");
});
