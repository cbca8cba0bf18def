// Pages of commands and what came since become one list without gaps and without doubles.

import type { rest } from "pilothouse-client";
import { describe, expect, it } from "vitest";
import { isTorn, joined, later } from "./newest";

const command = (number: number, status = "completed"): rest.Command => ({
  id: `cmd-${number}`,
  agentId: "build-1",
  command: "make",
  status,
  priority: "normal",
  timeout: 1000,
  requestedBy: "ann",
  requestedAt: new Date(1_790_000_000_000 + number * 1000).toISOString(),
});
const ids = (commands: readonly rest.Command[]) => commands.map(({ id }) => id);

describe("the list of commands", () => {
  it("has new ones on top and each one once", () => {
    const pages = [[command(5), command(4)], [command(3)]];
    const newest = [command(7), command(6), command(5)];
    expect(ids(joined(newest, pages))).toEqual(["cmd-7", "cmd-6", "cmd-5", "cmd-4", "cmd-3"]);
  });

  it("shows each as it was told last, and never goes back", () => {
    const pages = [[command(5, "running"), command(4, "completed")]];
    const list = joined([command(5, "failed"), command(4, "running")], pages);
    expect(list.map(({ status }) => status)).toEqual(["failed", "completed"]);
    expect(later(command(1, "interrupted"), command(1, "queued")).status).toBe("interrupted");
  });

  it("does not take older ones that the pages left out", () => {
    expect(ids(joined([command(9), command(2)], [[command(5)]]))).toEqual(["cmd-9", "cmd-5"]);
  });

  it("knows when there may be others between", () => {
    const first = [command(2), command(1)];
    expect(isTorn({ commands: [command(9), command(8)], next: "8" }, first)).toBe(true);
    expect(isTorn({ commands: [command(9), command(2)], next: "2" }, first)).toBe(false);
    expect(isTorn({ commands: [command(9)] }, first)).toBe(false);
  });
});
