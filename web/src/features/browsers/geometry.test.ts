// Clicks hit what is under the pointer, whatever the shapes of picture and place.
import { describe, expect, it } from "vitest";
import { letterboxed, spotAt } from "./geometry";

const box = (left: number, top: number, width: number, height: number) => ({
  left,
  top,
  width,
  height,
});

describe("a picture in its place", () => {
  it.each([
    ["is as large as a place of its shape", box(10, 20, 640, 360), box(10, 20, 640, 360)],
    ["has bars above and below in a higher one", box(0, 0, 640, 640), box(0, 140, 640, 360)],
    ["has bars beside it in a wider one", box(5, 0, 1000, 360), box(185, 0, 640, 360)],
  ])("%s", (_, place, expected) => {
    expect(letterboxed({ width: 1280, height: 720 }, place)).toEqual(expected);
  });
});

describe("the place under the pointer", () => {
  const drawn = { size: { width: 1280, height: 720 }, page: { width: 1280, height: 720 } };
  const place = box(100, 50, 640, 640);

  it("is told in pixels of the page, between the bars", () => {
    expect(spotAt({ x: 100, y: 190 }, place, drawn)).toEqual({ x: 0, y: 0 });
    expect(spotAt({ x: 420, y: 370 }, place, drawn)).toEqual({ x: 640, y: 360 });
    expect(spotAt({ x: 420.25, y: 370.25 }, place, drawn)).toEqual({ x: 640.5, y: 360.5 });
  });

  it("is nothing on the bars, or their edge while a button is held", () => {
    expect(spotAt({ x: 420, y: 189 }, place, drawn)).toBeUndefined();
    expect(spotAt({ x: 420, y: 550 }, place, drawn)).toBeUndefined();
    expect(spotAt({ x: 420, y: 60 }, place, drawn, "edge")).toEqual({ x: 640, y: 0 });
    expect(spotAt({ x: 2000, y: 2000 }, place, drawn, "edge")).toEqual({ x: 1279, y: 719 });
  });

  it("is of the page, not of a picture that is smaller or larger than it", () => {
    const small = { size: { width: 640, height: 360 }, page: { width: 1440, height: 810 } };
    expect(spotAt({ x: 420, y: 370 }, place, small)).toEqual({ x: 720, y: 405 });
    const twice = { size: { width: 2560, height: 1440 }, page: { width: 1280, height: 720 } };
    expect(spotAt({ x: 420, y: 370 }, place, twice)).toEqual({ x: 640, y: 360 });
  });

  it("is nothing where there is no room", () => {
    expect(spotAt({ x: 1, y: 1 }, box(0, 0, 0, 0), drawn)).toBeUndefined();
  });
});
