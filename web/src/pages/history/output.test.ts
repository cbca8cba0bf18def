// Hits of one source that follow each other are shown together.

import type { rest } from "pilothouse-client";
import { describe, expect, it } from "vitest";
import { grouped } from "./output";

const hit = (source: Partial<rest.FoundOutput>, position: number): rest.FoundOutput => ({
  epoch: 0,
  position,
  at: "2026-11-21T20:30:00.000Z",
  excerpt: "x",
  ...source,
});

describe("groups of hits", () => {
  it("have neighbours of one command or one life of a terminal, in their order", () => {
    const a = { commandId: "cmd-a" };
    const w = { workerId: "w", sessionId: "s" };
    const groups = grouped([
      hit(a, 9),
      hit(a, 5),
      hit(w, 7),
      hit({ ...w, epoch: 1 }, 3),
      hit(a, 1),
    ]);
    expect(groups.map((group) => group.hits.map(({ position }) => position))).toEqual([
      [9, 5],
      [7],
      [3],
      [1],
    ]);
    expect(new Set(groups.map(({ key }) => key)).size).toBe(4);
  });
});
