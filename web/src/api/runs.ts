// Runs: what there is, one with its steps, and what can be asked of them.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Run, type RunDecision, type RunQuery, type RunStep, Runs } from "pilothouse-client";
import { useMemo } from "react";
import { keys } from "./keys";
import { type NewestFirst, useNewestFirst } from "./newestFirst";
import { useServer } from "./server";

/** What nobody tells is seen this much later. */
const LOOK_MS = 3000;

/** Whether a run is over, for good. */
export const isOver = ({ status }: Run): boolean => status !== "PENDING" && status !== "INPROGRESS";

/** The routes of runs. */
export function useRuns(): Runs {
  const { rest } = useServer();
  return useMemo(() => new Runs(rest), [rest]);
}

/** Of two tellings of one run, the later: it never goes back. */
export function later(one: Run, other: Run): Run {
  if (isOver(one) !== isOver(other)) return isOver(one) ? one : other;
  return one.status === "INPROGRESS" && other.status === "PENDING" ? one : other;
}

type RunsPage = Awaited<ReturnType<Runs["list"]>>;

const runsOf = ({ runs }: RunsPage) => runs;

/** The runs of `pages` as `newest` has them, with those that came after them on top. */
export function joined(newest: readonly Run[], pages: readonly (readonly Run[])[]): readonly Run[] {
  const known = new Map(newest.map((run) => [run.id, run]));
  const older = pages.flat().map((run) => {
    const fresh = known.get(run.id);
    known.delete(run.id);
    return fresh === undefined ? run : later(run, fresh);
  });
  const top = older[0];
  const came = [...known.values()].filter(
    ({ requestedAt }) => top === undefined || requestedAt >= top.requestedAt,
  );
  return [...came, ...older];
}

/** Runs that fit, page after page, with new ones as they come. */
export function useRunList(filters: Omit<RunQuery, "before" | "limit">): NewestFirst<Run> {
  const runs = useRuns();
  return useNewestFirst<Run, RunsPage>({
    pagesKey: keys.pages("GET /api/runs", filters),
    newestKey: [...keys.runs, filters],
    isWanted: true,
    ask: (page, signal) => runs.list({ ...filters, ...page }, { signal }),
    itemsOf: runsOf,
    nextOf: ({ next }) => next,
    joined,
    isTorn: (newest, first) => {
      const ids = new Set(first.map(({ id }) => id));
      const hasMore = newest.next !== undefined && newest.next !== null;
      return hasMore && !newest.runs.some(({ id }) => ids.has(id));
    },
    everyMs: LOOK_MS,
  });
}

/** A run, and what it has done so far. */
export interface KnownRun {
  readonly run: Run;
  readonly steps: readonly RunStep[];
}

/** One run, followed until it is over. Only what is new of its steps is fetched. */
export function useRun(id: string, isWanted = true) {
  const runs = useRuns();
  const cache = useQueryClient();
  return useQuery({
    queryKey: keys.run(id),
    queryFn: async ({ signal }): Promise<KnownRun> => {
      const known = cache.getQueryData<KnownRun>(keys.run(id))?.steps ?? [];
      const { run, steps } = await runs.get(id, { after: known.at(-1)?.number ?? 0, signal });
      return { run, steps: [...known, ...steps] };
    },
    enabled: isWanted,
    refetchInterval: ({ state: { data } }) =>
      data === undefined || isOver(data.run) ? false : LOOK_MS,
  });
}

/** A run of a list as it is now: one that is not over is followed. */
export function useRunNow(run: Run): Run {
  const runs = useRuns();
  const now = useQuery({
    queryKey: [...keys.run(run.id), "now"],
    queryFn: async ({ signal }) => (await runs.get(run.id, { after: run.stepCount, signal })).run,
    initialData: run,
    staleTime: LOOK_MS,
    refetchInterval: LOOK_MS * 3,
    enabled: !isOver(run),
  });
  return later(now.data, run);
}

/** Runs that are under way, by the names of their browsers: for views of browsers that are of no session. */
export function useRunsByBrowser(isWanted: boolean): ReadonlyMap<string, Run> {
  const runs = useRuns();
  const query = { status: "INPROGRESS", limit: 500 };
  const found = useQuery({
    queryKey: [...keys.runs, "by browser"],
    queryFn: async ({ signal }) =>
      new Map((await runs.list(query, { signal })).runs.map((run) => [run.browserId, run])),
    enabled: isWanted,
    refetchInterval: LOOK_MS * 3,
    structuralSharing: false,
  });
  return found.data ?? NO_RUNS;
}

const NO_RUNS: ReadonlyMap<string, Run> = new Map();

/** How the page looked at a step. */
export function useScreenshot(run: string, step: number, isWanted: boolean) {
  const runs = useRuns();
  return useQuery({
    queryKey: keys.screenshot(run, step),
    queryFn: ({ signal }) => runs.screenshot(run, step, { signal }),
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    structuralSharing: false,
  });
}

/** What is asked of one run. What became of it is looked at right after. */
export function useRunActs(id: string) {
  const runs = useRuns();
  const cache = useQueryClient();
  const tell = async (run: Run) => {
    cache.setQueryData<KnownRun>(keys.run(id), (known) => known && { ...known, run });
    await Promise.all([
      cache.invalidateQueries({ queryKey: keys.run(id) }),
      cache.invalidateQueries({ queryKey: keys.runs }),
      cache.invalidateQueries({ queryKey: keys.attention }),
    ]);
  };
  return {
    pause: async () => tell(await runs.pause(id)),
    resume: async () => tell(await runs.resume(id)),
    cancel: async (reason?: string) => tell(await runs.cancel(id, reason)),
    reply: async (waitId: string, text: string) => tell(await runs.reply(id, waitId, text)),
    decide: async (decision: RunDecision) => tell(await runs.decide(id, decision)),
  };
}
