// An address and the requests that it stands for.

import { describe, expect, it } from "vitest";
import { commandsQuery, historySearch, isNarrowed, outputQuery } from "./search";

const NOW = new Date("2026-11-21T20:30:00").getTime();

describe("the address of history", () => {
  it("keeps what it understands, and drops the rest", () => {
    const read = historySearch({
      kind: "output",
      q: 404,
      agent: "build-1",
      status: "failed,interrupted",
      by: "ann",
      range: "hour",
      page: 3,
      user: "",
    });
    expect(read).toEqual({
      kind: "output",
      q: "404",
      agent: "build-1",
      status: "failed,interrupted",
      by: "ann",
      range: "hour",
    });
    expect(historySearch({ kind: "people", status: "lost", q: "   ", agent: {} })).toEqual({});
  });

  it("is the same when it is read again", () => {
    const once = historySearch({
      q: "a b",
      from: "2026-11-20T08:00",
      kind: "audit",
      result: "denied",
    });
    expect(historySearch(once)).toEqual(once);
  });

  it("asks for commands with all filters, and for output with those that it has", () => {
    const search = historySearch({
      q: "make",
      agent: "a",
      status: "failed",
      by: "ann",
      range: "hour",
    });
    expect(commandsQuery(search, NOW)).toEqual({
      q: "make",
      agentId: "a",
      status: "failed",
      requestedBy: "ann",
      from: new Date(NOW - 3_600_000).toISOString(),
    });
    expect(outputQuery(search)).toEqual({ agentId: "a" });
    expect(commandsQuery({}, NOW)).toEqual({});
  });

  it("is narrowed by filters, not by words", () => {
    expect(isNarrowed(historySearch({ q: "make", kind: "output" }))).toBe(false);
    expect(isNarrowed(historySearch({ to: "2026-11-20T08:00" }))).toBe(true);
  });
});
