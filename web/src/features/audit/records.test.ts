// New records come before those of the pages, each once.

import type { rest } from "pilothouse-client";
import { expect, it } from "vitest";
import { withNewest } from "./records";
import { auditQuery, auditSearch } from "./search";

const record = (number: number): rest.AuditShape => ({
  id: `aud-${number}`,
  at: new Date(1_790_000_000_000 + number * 1000).toISOString(),
  userId: "usr-1",
  userName: "ann",
  address: "127.0.0.1",
  action: "agent.pause",
  description: "Paused an agent: build-1",
  subject: "build-1",
  result: "success",
});
const ids = (records: readonly rest.AuditShape[]) => records.map(({ id }) => id);

it("puts new records on top", () => {
  const pages = [record(3), record(2), record(1)];
  const newest = [record(5), record(4), record(3), record(2)];
  expect(ids(withNewest(newest, pages))).toEqual(["aud-5", "aud-4", "aud-3", "aud-2", "aud-1"]);
  expect(withNewest([record(3)], pages)).toBe(pages);
  expect(ids(withNewest([record(9)], []))).toEqual(["aud-9"]);
});

it("asks for what the address says", () => {
  const search = auditSearch({
    q: "build",
    user: "usr-1",
    action: "agent.pause",
    result: "denied",
    agent: "build-1",
    from: "2026-11-20T08:00",
    kind: "audit",
  });
  expect(auditQuery(search, 0)).toEqual({
    q: "build",
    userId: "usr-1",
    action: "agent.pause",
    result: "denied",
    agentId: "build-1",
    from: new Date("2026-11-20T08:00").toISOString(),
  });
  expect(auditSearch({ result: "odd" })).toEqual({});
});
