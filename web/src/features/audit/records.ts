// Who did what: the records that fit, page after page, with new ones as they come.

import type { rest } from "pilothouse-client";
import { keys } from "@/api/keys";
import { type NewestFirst, useNewestFirst } from "@/api/newestFirst";
import { useServer } from "@/api/server";
import { type AuditSearch, auditQuery } from "./search";

/** New records are looked for as often as this, while somebody looks. */
const EVERY_MS = 10_000;

/** New records before those of the pages, each once. Records never change. */
export function withNewest(
  newest: readonly rest.AuditShape[],
  records: readonly rest.AuditShape[],
): readonly rest.AuditShape[] {
  const top = records[0];
  if (top === undefined) return newest;
  const known = newest.findIndex(({ id }) => id === top.id);
  return known <= 0 ? records : [...newest.slice(0, known), ...records];
}

const joined = (
  newest: readonly rest.AuditShape[],
  pages: readonly (readonly rest.AuditShape[])[],
) => withNewest(newest, pages.flat());

const recordsOf = ({ records }: rest.AuditReply) => records;

/** Records of the audit. */
export function useAudit(search: AuditSearch, isWanted: boolean): NewestFirst<rest.AuditShape> {
  const { rest } = useServer();
  const { q, user, action, agent, result, range, from, to } = search;
  const pagesKey = keys.pages("GET /api/v1/audit", {
    q,
    user,
    action,
    agent,
    result,
    range,
    from,
    to,
  });
  return useNewestFirst<rest.AuditShape, rest.AuditReply>({
    pagesKey,
    newestKey: [...pagesKey, "newest"],
    isWanted,
    ask: ({ limit, before }, signal) => {
      const place = before === undefined ? {} : { before: Number(before) };
      const query = { ...auditQuery(search, Date.now()), limit, ...place };
      return rest.call("GET /api/v1/audit", { query, signal });
    },
    itemsOf: recordsOf,
    nextOf: ({ next }) => next,
    joined,
    isTorn: ({ records }, [top]) => !records.some(({ id }) => id === top?.id),
    everyMs: EVERY_MS,
  });
}
