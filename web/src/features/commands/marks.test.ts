// What marks do to what a command wrote.

import { expect, it } from "vitest";
import { Marks, withoutMarks } from "./marks";

/** The bar as it is read. */
const read = (text: string) => text.replaceAll("\x1b7\x1b[0;31m▌\x1b8\x1b[2C", "▌ ");

it("stdout stays as it is, colours included", () => {
  const text = "\x1b[32mok\x1b[0m\nmore\n";
  expect(new Marks().mark("stdout", text)).toBe(text);
});

it("every line of stderr has a bar, also when it comes in pieces", () => {
  const marks = new Marks();
  const pieces = ["first\nsec", "ond\n", "third\n"].map((text) => marks.mark("stderr", text));
  expect(read(pieces.join(""))).toBe("▌ first\n▌ second\n▌ third\n");
});

it("what goes on in a line that stdout began has no bar before it", () => {
  const marks = new Marks();
  const text = marks.mark("stdout", "loading… ") + marks.mark("stderr", "failed\nwhy\n");
  expect(read(text)).toBe("loading… failed\n▌ why\n");
});

it("a note begins in a line of its own", () => {
  const marks = new Marks();
  marks.mark("stdout", "half a line");
  expect(marks.breakLine()).toBe("\n");
  expect(marks.breakLine()).toBe("");
});

it("copied text has no bars", () => {
  expect(withoutMarks("▌ one\ntwo ▌ three\n▌ four")).toBe("one\ntwo ▌ three\nfour");
});
