// Ranges of addresses become the moments that requests have.

import { describe, expect, it } from "vitest";
import { fieldOf, limitsOf, rangeOf } from "./ranges";

const NOW = new Date("2026-11-21T20:30:15.250").getTime();
const iso = (local: string) => new Date(local).toISOString();

describe("a range of time", () => {
  it("moves with the present when it is a preset", () => {
    expect(limitsOf({ range: "hour" }, NOW)).toEqual({ from: iso("2026-11-21T19:30:15.250") });
    expect(limitsOf({ range: "today" }, NOW)).toEqual({ from: iso("2026-11-21T00:00") });
    expect(limitsOf({ range: "week" }, NOW)).toEqual({ from: iso("2026-11-14T20:30:15.250") });
  });

  it("has the whole last minute when it is one's own", () => {
    expect(limitsOf({ from: "2026-11-20T08:00", to: "2026-11-20T09:00" }, NOW)).toEqual({
      from: iso("2026-11-20T08:00"),
      to: iso("2026-11-20T09:00:59.999"),
    });
    expect(limitsOf({}, NOW)).toEqual({});
  });

  it("is read from an address without what makes no sense", () => {
    expect(rangeOf({ range: "hour", from: "2026-11-20T08:00" })).toEqual({ range: "hour" });
    expect(rangeOf({ range: "century", from: "2026-11-20T08:00", to: "soon" })).toEqual({
      from: "2026-11-20T08:00",
    });
    expect(rangeOf({ from: "2026-13-77T08:00" })).toEqual({});
  });

  it("is written into fields in local time", () => {
    expect(fieldOf(NOW)).toBe("2026-11-21T20:30");
  });
});
