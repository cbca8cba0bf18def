// Marks are where search finds words, and nothing of a text is lost or read as anything but text.

import { describe, expect, it } from "vitest";
import { linesAround, markedParts, markedWords, type Piece } from "./marks";

const written = (pieces: readonly Piece[]) =>
  pieces.map(({ text, isMarked }) => (isMarked ? `[${text}]` : text)).join("");

describe("marks", () => {
  it("has whole words, in any case, with everything else as it was", () => {
    const text = "Error: errors in <b>error</b>";
    expect(written(markedWords(text, "ERROR"))).toBe("[Error]: errors in <b>[error]</b>");
  });

  it("parts words as search does", () => {
    expect(written(markedWords("at foo-bar.ts:12, ä'ö", "foo-bar:12 ä"))).toBe(
      "at [foo]-[bar].ts:[12], [ä]'ö",
    );
  });

  it("marks parts of words where those are looked for, also when they overlap", () => {
    expect(written(markedParts("make tests", "est test make"))).toBe("[make] [test]s");
    expect(written(markedParts("a.*b", ".*"))).toBe("a[.*]b");
  });

  it("marks nothing without words", () => {
    expect(written(markedWords("a b", " ?! "))).toBe("a b");
    expect(written(markedParts("a b", "  "))).toBe("a b");
  });

  it("shows the line that was found, between its neighbours", () => {
    expect(linesAround("one\ntwo\nthe needle\nfour\nfive", "needle")).toBe("two\nthe needle\nfour");
    expect(linesAround("one\ntwo\nthree", "absent")).toBe("one\ntwo");
  });
});
