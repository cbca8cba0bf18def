// A worker's log around a place, page by page in both directions.

import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { blocksOf, type LogPage } from "./blocks";

/** How many bytes a page has, about. */
const PAGE = 64 * 1024;

/** How much of what was printed before the place is shown with it. */
const BEFORE = 4 * 1024;

interface Wanted {
  readonly from: number;
  /** Where the page behind begins, of one that is fetched backwards. */
  readonly until: number | undefined;
}

/** A page, and which one was wanted. */
type FetchedPage = LogPage & Wanted;

/** Which log, and where in it. */
export interface LogPlace {
  readonly session: string;
  readonly worker: string;
  readonly epoch: number | undefined;
  readonly at: number;
}

/** The log. */
export function useLog({ session, worker, epoch, at }: LogPlace) {
  const { rest } = useServer();
  const first: Wanted = { from: Math.max(0, at - BEFORE), until: undefined };
  const pages = useInfiniteQuery({
    queryKey: keys.log({ session, worker, epoch, at }),
    queryFn: async ({ pageParam: { from, until }, signal }): Promise<FetchedPage> => {
      const query = { from, limit: until === undefined ? PAGE : until - from };
      const reply = await rest.call("GET /api/v1/sessions/{session}/workers/{worker}/output", {
        path: { session, worker },
        query: epoch === undefined ? query : { ...query, epoch },
        signal,
      });
      return { reply, from, until };
    },
    initialPageParam: first,
    getNextPageParam: ({ reply }): Wanted | undefined =>
      reply.end ? undefined : { from: reply.next, until: undefined },
    getPreviousPageParam: ({ reply, from }): Wanted | undefined =>
      from <= reply.pruned ? undefined : { from: Math.max(reply.pruned, from - PAGE), until: from },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const blocks = useMemo(() => blocksOf(pages.data?.pages ?? [], at), [pages.data, at]);
  const last = pages.data?.pages.at(-1);
  return {
    pages,
    blocks,
    /** How many of the first bytes are not kept any more. */
    pruned: pages.data?.pages[0]?.reply.pruned ?? 0,
    /** Whether the last look found nothing more: then it is looked again only when somebody asks. */
    isAtEnd: last === undefined || last.reply.output.length === 0 || last.reply.end,
  };
}
