// Output that has the searched words, page after page, with hits of one command or terminal together.

import { useInfiniteQuery } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { useCallback, useMemo } from "react";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { wordsOf } from "@/ui/marks";
import { type HistorySearch, outputQuery } from "./search";

/** How many hits a page has. */
const PAGE = 100;

/** Hits that follow each other and are of one life of one command or terminal. */
export interface HitGroup {
  readonly key: string;
  readonly first: rest.FoundOutput;
  readonly hits: readonly rest.FoundOutput[];
}

const sourceOf = ({ commandId, workerId, epoch }: rest.FoundOutput) =>
  `${commandId ?? workerId ?? ""} ${epoch}`;

/** Puts neighbours of one source together, in the order of the hits. */
export function grouped(hits: readonly rest.FoundOutput[]): readonly HitGroup[] {
  const groups: { key: string; first: rest.FoundOutput; hits: rest.FoundOutput[] }[] = [];
  for (const hit of hits) {
    const last = groups.at(-1);
    if (last !== undefined && sourceOf(last.first) === sourceOf(hit)) last.hits.push(hit);
    else groups.push({ key: `${sourceOf(hit)} ${hit.position}`, first: hit, hits: [hit] });
  }
  return groups;
}

/** Hits of a search. */
export function useOutputHits(search: HistorySearch, isWanted: boolean) {
  const { rest } = useServer();
  const query = { ...outputQuery(search), q: search.q ?? "" };
  const hasWords = wordsOf(query.q).size > 0;
  const pages = useInfiniteQuery({
    queryKey: keys.pages("GET /api/v1/search", query),
    queryFn: ({ pageParam, signal }) => {
      const asked = { ...query, limit: PAGE };
      return rest.call("GET /api/v1/search", {
        query: pageParam === undefined ? asked : { ...asked, before: pageParam },
        signal,
      });
    },
    initialPageParam: undefined,
    getNextPageParam: ({ next }: rest.SearchReply): number | undefined => next ?? undefined,
    enabled: isWanted && hasWords,
  });
  const hits = useMemo(() => pages.data?.pages.flatMap((page) => page.hits) ?? [], [pages.data]);
  const groups = useMemo(() => grouped(hits), [hits]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { pages, hits, groups, more, hasWords };
}
