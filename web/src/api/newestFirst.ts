// A list that is fetched page after page, with what has come since on top.

import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

/** How many items a page has, and how many new ones are looked at. */
const PAGE = 200;
const NEWEST = 50;

/** What is asked for: so many, before the place where the last page ended. */
export interface PageAsked {
  readonly limit: number;
  readonly before?: string;
}

/** Where a list comes from, and how its parts are put together. */
export interface Source<Item, Reply> {
  /** Names of the pages and of the newest in the query cache. */
  readonly pagesKey: readonly unknown[];
  readonly newestKey: readonly unknown[];
  readonly isWanted: boolean;
  readonly ask: (page: PageAsked, signal: AbortSignal) => Promise<Reply>;
  readonly itemsOf: (reply: Reply) => readonly Item[];
  readonly nextOf: (reply: Reply) => string | number | null | undefined;
  /** Everything, each once, newest first. Stays the same function. */
  readonly joined: (
    newest: readonly Item[],
    pages: readonly (readonly Item[])[],
  ) => readonly Item[];
  /** Whether there may be items between the newest and the first page, which is not empty. */
  readonly isTorn: (newest: Reply, first: readonly Item[]) => boolean;
  /** How often it is looked for new ones; only when the cache says so if absent. */
  readonly everyMs?: number;
}

/** A list as views take it. */
export interface NewestFirst<Item> {
  readonly pages: Pick<
    UseInfiniteQueryResult,
    | "isPending"
    | "isSuccess"
    | "isError"
    | "error"
    | "refetch"
    | "hasNextPage"
    | "isFetchingNextPage"
    | "isFetchNextPageError"
    | "fetchNextPage"
  >;
  readonly items: readonly Item[];
  /** Fetches the next page, if there is one and it is not under way. */
  readonly more: () => void;
}

/** See the top of the file. */
export function useNewestFirst<Item, Reply>(source: Source<Item, Reply>): NewestFirst<Item> {
  type Pages = InfiniteData<Reply, string | undefined>;
  const { pagesKey, newestKey, isWanted, ask, itemsOf, nextOf, joined, isTorn, everyMs } = source;
  const cache = useQueryClient();
  const pages = useInfiniteQuery({
    queryKey: pagesKey,
    queryFn: ({ pageParam, signal }) =>
      ask(pageParam === undefined ? { limit: PAGE } : { limit: PAGE, before: pageParam }, signal),
    initialPageParam: undefined,
    getNextPageParam: (reply: Reply): string | undefined => nextOf(reply)?.toString(),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: isWanted,
  });
  const newest = useQuery({
    queryKey: newestKey,
    queryFn: async ({ signal }) => {
      const reply = await ask({ limit: NEWEST }, signal);
      const top = cache.getQueryData<Pages>(pagesKey)?.pages[0];
      const first = top === undefined ? [] : itemsOf(top);
      // More came than one look shows: the pages begin anew.
      if (first.length > 0 && isTorn(reply, first)) {
        cache.setQueryData<Pages>(pagesKey, { pages: [reply], pageParams: [undefined] });
      }
      return itemsOf(reply);
    },
    enabled: isWanted && pages.isSuccess,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs, staleTime: everyMs }),
  });
  const known = pages.data?.pages;
  const items = useMemo(
    () => joined(newest.data ?? [], known?.map(itemsOf) ?? []),
    [newest.data, known, joined, itemsOf],
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { pages, items, more };
}
