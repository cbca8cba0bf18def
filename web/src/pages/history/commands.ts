// The commands that fit a search, page after page, with new ones as they come.

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
import { isTorn, joined, later } from "./newest";
import { commandsQuery, type HistorySearch } from "./search";

/** How many commands a page has, and how many new ones are looked at when something happened. */
const PAGE = 200;
const NEWEST = 50;

type Pages = InfiniteData<rest.CommandsReply, string | undefined>;

/** The filters that commands have; others do not make another list. */
const filtersOf = ({ q, agent, status, by, range, from, to }: HistorySearch) => ({
  q,
  agent,
  status,
  by,
  range,
  from,
  to,
});

/** A list of commands. */
export function useCommandHistory(search: HistorySearch, isWanted: boolean) {
  const { rest } = useServer();
  const cache = useQueryClient();
  const filters = filtersOf(search);
  const pagesKey = keys.pages("GET /api/v1/commands", filters);
  const ask = (limit: number, before: string | undefined, signal: AbortSignal) => {
    const query = { ...commandsQuery(search, Date.now()), limit };
    return rest.call("GET /api/v1/commands", {
      query: before === undefined ? query : { ...query, before },
      signal,
    });
  };
  const pages = useInfiniteQuery({
    queryKey: pagesKey,
    queryFn: ({ pageParam, signal }) => ask(PAGE, pageParam, signal),
    initialPageParam: undefined,
    getNextPageParam: ({ next }: rest.CommandsReply): string | undefined => next ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: isWanted,
  });
  const newest = useQuery({
    queryKey: keys.commands({ ...filters, newest: NEWEST }),
    queryFn: async ({ signal }) => {
      const reply = await ask(NEWEST, undefined, signal);
      const first = cache.getQueryData<Pages>(pagesKey)?.pages[0]?.commands ?? [];
      if (isTorn(reply, first)) {
        cache.setQueryData<Pages>(pagesKey, { pages: [reply], pageParams: [undefined] });
      }
      return reply.commands;
    },
    enabled: isWanted && pages.isSuccess,
  });
  const commands = useMemo(
    () => joined(newest.data ?? [], pages.data?.pages.map((page) => page.commands) ?? []),
    [newest.data, pages.data],
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { pages, commands, more };
}

const isFinal = ({ status }: rest.Command) => status !== "queued" && status !== "running";

/** A command of a list as it is now: one that has not ended is followed. */
export function useCommandNow(command: rest.Command): rest.Command {
  const { rest } = useServer();
  const now = useQuery({
    queryKey: keys.command(command.id),
    queryFn: ({ signal }) =>
      rest.call("GET /api/v1/commands/{command}", { path: { command: command.id }, signal }),
    initialData: command,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: !isFinal(command),
  });
  return later(command, now.data);
}
