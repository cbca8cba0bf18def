import { expect, it } from "vitest";
import type { PaletteEntry } from "./open";
import { ranked } from "./ranked";

const entry = (label: string, more: Partial<PaletteEntry> = {}): PaletteEntry => ({
  id: label,
  label,
  group: "Agents",
  run: () => {},
  ...more,
});
const entries = [
  entry("Fleet", { group: "Pages" }),
  entry("build-1", { words: "linux" }),
  entry("web-build"),
  entry("rebuilder"),
];
const found = (typed: string) => ranked(entries, typed).map(({ label }) => label);

it("shows all of them while nothing is typed", () => {
  expect(found(" ")).toEqual(["Fleet", "build-1", "web-build", "rebuilder"]);
});

it("puts beginnings before beginnings of words, and those before the middle", () => {
  expect(found("build")).toEqual(["build-1", "web-build", "rebuilder"]);
});

it("finds by letters in order, and by other words", () => {
  expect(found("flt")).toEqual(["Fleet"]);
  expect(found("linux")).toEqual(["build-1"]);
  expect(found("pages")).toEqual(["Fleet"]);
});

it("wants every word to fit", () => {
  expect(found("build linux")).toEqual(["build-1"]);
  expect(found("build nothing")).toEqual([]);
});
