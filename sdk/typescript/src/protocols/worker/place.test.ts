import { expect, it } from "vitest";
import { Place } from "./place.js";

it("what was shown is not shown again, and what goes on is not begun anew", () => {
  const place = new Place();
  expect(place.query).toBe("?fromOffset=0");
  const first = { data: "\u001bcab", startOffset: 0, offset: 2, epoch: 1, replaces: true };
  expect(place.history(first)).toEqual({ data: "\u001bcab", replaces: true });
  expect(place.output({ data: "c", offset: 3, epoch: 1 })).toEqual({ data: "c", replaces: false });
  expect(place.output({ data: "c", offset: 3, epoch: 1 })).toBeUndefined();
  expect(place.query).toBe("?fromOffset=3&epoch=1");
  const rest = { data: "de", startOffset: 3, offset: 5, epoch: 1, replaces: false };
  expect(place.history(rest)).toEqual({ data: "de", replaces: false });
  const nothing = { data: "", startOffset: 5, offset: 5, epoch: 1, replaces: false };
  expect(place.history(nothing)).toBeUndefined();
});

it("a new life begins anew, and an older one is not heard any more", () => {
  const place = new Place();
  place.history({ data: "old", startOffset: 0, offset: 3, epoch: 1, replaces: true });
  expect(place.output({ data: "n", offset: 1, epoch: 2 })).toEqual({ data: "n", replaces: true });
  expect(place.output({ data: "x", offset: 9, epoch: 1 })).toBeUndefined();
});

it("a server that tells no offsets is believed as it is", () => {
  const place = new Place();
  expect(place.history({ data: "a" })).toEqual({ data: "a", replaces: true });
  expect(place.output({ data: "b" })).toEqual({ data: "b", replaces: false });
  expect(place.history({ data: "ab" })).toEqual({ data: "ab", replaces: true });
  expect(place.query).toBe("?fromOffset=0");
});
