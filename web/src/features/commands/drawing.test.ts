// How output is drawn in parts.

import { expect, it } from "vitest";
import { Drawing } from "./drawing";

/** A screen whose frames and whose reading happen when the test says so. */
function screen() {
  const frames: (() => void)[] = [];
  const reads: (() => void)[] = [];
  const drawn: string[] = [];
  const drawing = new Drawing(
    (text, done) => {
      drawn.push(text);
      reads.push(done);
    },
    (callback) => frames.push(callback),
    (characters) => `[${characters} left out]`,
  );
  const turn = () => {
    frames.shift()?.();
    reads.shift()?.();
  };
  return { drawing, drawn, frames, reads, turn };
}

it("what comes between two frames is drawn together", () => {
  const { drawing, drawn, turn } = screen();
  for (const text of ["a", "b", "c"]) drawing.add(text);
  expect(drawn).toEqual([]);
  turn();
  expect(drawn).toEqual(["abc"]);
});

it("nothing is drawn before what was drawn last has been read", () => {
  const { drawing, drawn, frames, reads } = screen();
  drawing.add("a");
  frames.shift()?.();
  drawing.add("b");
  expect(frames).toHaveLength(0);
  reads.shift()?.();
  frames.shift()?.();
  expect(drawn).toEqual(["a", "b"]);
});

it("a long text is drawn in parts, all of it and in order", () => {
  const { drawing, drawn, turn } = screen();
  const lines = Array.from({ length: 5000 }, (_, line) => `${line} ${"x".repeat(90)}\n`);
  for (const line of lines) drawing.add(line);
  for (let frame = 0; frame < 100; frame += 1) turn();
  expect(drawn.length).toBeGreaterThan(1);
  expect(drawn.join("")).toBe(lines.join(""));
});

it("a flood loses what had scrolled away already, and says how much", () => {
  const { drawing, drawn, turn } = screen();
  const piece = "x".repeat(1024 * 1024);
  for (let count = 0; count < 6; count += 1) drawing.add(piece);
  for (let frame = 0; frame < 10; frame += 1) turn();
  expect(drawn[0]).toMatch(new RegExp(`^\\[${2 * piece.length} left out\\]x`));
  expect(drawn.join("").length).toBeLessThan(5 * piece.length);
});

it("tells when nothing waits any more", async () => {
  const { drawing, turn } = screen();
  await drawing.drawn();
  drawing.add("a");
  let isDrawn = false;
  const waiting = drawing.drawn().then(() => {
    isDrawn = true;
  });
  await Promise.resolve();
  expect(isDrawn).toBe(false);
  turn();
  await waiting;
  expect(isDrawn).toBe(true);
});
