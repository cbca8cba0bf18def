import { expect, it } from "vitest";
import { Place } from "./place.js";

it("what was shown is not shown again, and what goes on is not begun anew", () => {
  const place = new Place();
  expect(place.query).toBe("?fromOffset=0");
  const first = { data: "\u001bcab", startOffset: 0, offset: 2, epoch: 1, replaces: true };
  expect(place.history(first)).toMatchObject({ data: "\u001bcab", replaces: true });
  const c = { data: "c", offset: 3, epoch: 1 };
  expect(place.output(c)).toEqual({ data: "c", replaces: false, startOffset: 2 });
  expect(place.output(c)).toBeUndefined();
  expect(place.query).toBe("?fromOffset=3&epoch=1");
  const rest = { data: "de", startOffset: 3, offset: 5, epoch: 1, replaces: false };
  expect(place.history(rest)).toEqual({ data: "de", replaces: false, startOffset: 3 });
  const nothing = { data: "", startOffset: 5, offset: 5, epoch: 1, replaces: false };
  expect(place.history(nothing)).toBeUndefined();
});

it("a new life begins anew, and an older one is not heard any more", () => {
  const place = new Place();
  place.history({ data: "old", startOffset: 0, offset: 3, epoch: 1, replaces: true });
  const next = { data: "n", offset: 1, epoch: 2 };
  expect(place.output(next)).toEqual({ data: "n", replaces: true, startOffset: 0 });
  expect(place.output({ data: "x", offset: 9, epoch: 1 })).toBeUndefined();
});

it("who forgets is told everything anew", () => {
  const place = new Place();
  const history = { data: "ab", startOffset: 0, offset: 2, epoch: 1, replaces: false };
  place.history(history);
  place.forget();
  expect(place.query).toBe("?fromOffset=0");
  expect(place.history(history)?.replaces).toBe(true);
});

it("a server that tells no offsets is believed as it is", () => {
  const place = new Place();
  expect(place.history({ data: "a" })).toMatchObject({ data: "a", replaces: true });
  expect(place.output({ data: "b" })).toMatchObject({ data: "b", replaces: false });
  expect(place.history({ data: "ab" })).toMatchObject({ data: "ab", replaces: true });
  expect(place.query).toBe("?fromOffset=0");
});
