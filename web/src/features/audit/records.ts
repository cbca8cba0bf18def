// Who did what: the records that fit, page after page, with new ones as they come.

import {
  type InfiniteData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { useCallback, useMemo } from "react";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { type AuditSearch, auditQuery } from "./search";

/** How many records a page has, and how many new ones are looked at. */
const PAGE = 200;
const NEWEST = 50;

/** New records are looked for as often as this, while somebody looks. */
const EVERY_MS = 10_000;

type Pages = InfiniteData<rest.AuditReply, number | undefined>;

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

/** Records of the audit. */
export function useAudit(search: AuditSearch, isWanted: boolean) {
  const { rest } = useServer();
  const cache = useQueryClient();
  const { q, user, action, agent, result, range, from, to } = search;
  const filters = { q, user, action, agent, result, range, from, to };
  const pagesKey = keys.pages("GET /api/v1/audit", filters);
  const ask = (limit: number, before: number | undefined, signal: AbortSignal) => {
    const query = { ...auditQuery(search, Date.now()), limit };
    return rest.call("GET /api/v1/audit", {
      query: before === undefined ? query : { ...query, before },
      signal,
    });
  };
  const pages = useInfiniteQuery({
    queryKey: pagesKey,
    queryFn: ({ pageParam, signal }) => ask(PAGE, pageParam, signal),
    initialPageParam: undefined,
    getNextPageParam: ({ next }: rest.AuditReply): number | undefined => next ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: isWanted,
  });
  const newest = useQuery({
    queryKey: [...pagesKey, "newest"],
    queryFn: async ({ signal }) => {
      const reply = await ask(NEWEST, undefined, signal);
      const top = cache.getQueryData<Pages>(pagesKey)?.pages[0]?.records[0];
      const isTorn = top !== undefined && !reply.records.some(({ id }) => id === top.id);
      // More came than one look shows: the pages begin anew.
      if (isTorn) cache.setQueryData<Pages>(pagesKey, { pages: [reply], pageParams: [undefined] });
      return reply.records;
    },
    enabled: isWanted && pages.isSuccess,
    refetchInterval: EVERY_MS,
    staleTime: EVERY_MS,
  });
  const records = useMemo(
    () => withNewest(newest.data ?? [], pages.data?.pages.flatMap((page) => page.records) ?? []),
    [newest.data, pages.data],
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { pages, records, more };
}
