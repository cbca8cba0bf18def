// A log as text, in blocks that begin where somebody looks.

import { describe, expect, it } from "vitest";
import { blocksOf, type LogPage } from "./blocks";
import { PlainText } from "./plain";
import { targetIn } from "./target";

describe("plain text", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["plain\r\n  text\r\n", "plain\n  text\n"],
    ["\x1b[1;31mer\x1b[0mror", "error"],
    ["left\x1b[10Cright", "left right"],
    ["\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "alink"],
    ["\x1b(Bx\x1b7y\x1b=z", "xyz"],
    ["10%\r20%\rdone\r\n", "10%\n20%\ndone\n"],
    ["a\0\x07b\x7f", "ab"],
    ["\x1b[2J\x1b[Htop", "top"],
    ["tab\there", "tab\there"],
  ];

  it("has what people read, and all of it", () => {
    for (const [output, text] of cases) expect(new PlainText().read(output)).toBe(text);
  });

  it("is the same however output is cut", () => {
    for (const [output, text] of cases) {
      const plain = new PlainText();
      expect([...output].map((character) => plain.read(character)).join("")).toBe(text);
    }
  });
});

const page = (texts: readonly (readonly [number, string])[], until?: number): LogPage => ({
  reply: {
    output: texts.map(([position, text]) => ({
      stream: "terminal",
      position,
      text,
      at: "2026-11-21T20:30:00.000Z",
    })),
    next: 0,
    end: false,
    pruned: 0,
  },
  until,
});

describe("blocks of a log", () => {
  const shown = (pages: readonly LogPage[], place: number) =>
    blocksOf(pages, place).map(({ position, text }) => [position, text]);

  it("begin at the place that is looked for", () => {
    const pages = [
      page([
        [0, "one\r\n"],
        [5, "two\r\n"],
        [10, "three\r\n"],
      ]),
    ];
    expect(shown(pages, 10)).toEqual([
      [0, "one\ntwo"],
      [10, "three"],
    ]);
    expect(shown(pages, 0)).toEqual([[0, "one\ntwo\nthree"]]);
  });

  it("have whole lines, also where output was cut in one", () => {
    const pages = [
      page([
        [0, "one\r\ntw"],
        [7, "o\r\nthree"],
      ]),
    ];
    expect(shown(pages, 7)).toEqual([
      [0, "one"],
      [7, "two\nthree"],
    ]);
  });

  it("do not double what two pages have", () => {
    const pages = [
      page(
        [
          [0, "one\r\n"],
          [5, "äö\r\nthree\r\n"],
        ],
        11,
      ),
      page([[11, "three\r\n"]]),
    ];
    expect(shown(pages, 0)).toEqual([[0, "one\näö\nthree"]]);
  });

  it("are not larger than one can be drawn", () => {
    const line = `${"x".repeat(99)}\n`;
    const pages = [page(Array.from({ length: 500 }, (_, index) => [index * 100, line] as const))];
    const blocks = blocksOf(pages, 0);
    expect(Math.max(...blocks.map(({ text }) => text.length))).toBeLessThan(9000);
    expect(
      blocks
        .map(({ text }) => text)
        .join("\n")
        .split("\n"),
    ).toHaveLength(500);
  });
});

describe("the place that a search means", () => {
  it("is the line with the most of its words, wherever others stand alone", () => {
    const texts = ["the first\nand the second", "here is the needle\nthe needle again"];
    expect(targetIn(texts, "the needle")).toEqual({ mark: 2, isComplete: true });
  });

  it("is not known as long as a word has not come", () => {
    expect(targetIn(["the first"], "the needle")).toEqual({ mark: 0, isComplete: false });
    expect(targetIn([], "needle")).toEqual({ mark: undefined, isComplete: false });
    expect(targetIn(["text"], "")).toEqual({ mark: undefined, isComplete: true });
  });
});
