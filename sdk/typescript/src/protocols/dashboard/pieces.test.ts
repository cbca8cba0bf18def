import { expect, it } from "vitest";
import { Pieces } from "./pieces.js";

const all = async (pieces: Pieces<string>) => {
  const read = [];
  for await (const piece of pieces) read.push(piece);
  return read;
};

it("what is told before and while it is read comes in order, up to the end", async () => {
  const pieces = new Pieces<string>(10, () => "?");
  pieces.push("a");
  const read = all(pieces);
  pieces.push("b");
  await Promise.resolve();
  pieces.push("c");
  pieces.end();
  pieces.push("late");
  expect(await read).toEqual(["a", "b", "c"]);
});

it("what is not read in time gives way, and a notice takes its place", async () => {
  const pieces = new Pieces<string>(4, (dropped) => `(${dropped.join("")})`);
  for (const piece of "abcdefg") pieces.push(piece);
  pieces.end();
  expect(await all(pieces)).toEqual(["(((ab)c)d)", "e", "f", "g"]);
});

it("whoever stops reading is not waited for", async () => {
  const pieces = new Pieces<string>(4, () => "?");
  pieces.push("a");
  pieces.push("b");
  for await (const piece of pieces) if (piece === "a") break;
  expect(await pieces.next()).toEqual({ done: true, value: undefined });
});
