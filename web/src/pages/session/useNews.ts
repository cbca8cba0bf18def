// What happened in tabs that nobody looked at: the agent of one is done, or what ran in it has ended.

import { useState } from "react";
import type { Standing } from "@/features/sessions/standing";

/** What is new in a tab. */
export type News = "done" | "ended";

/** How tabs stand, and which of them are looked at. */
export interface Seen {
  readonly standings: ReadonlyMap<string, Standing>;
  readonly shown: ReadonlySet<string>;
}

const HAS_ENDED: ReadonlySet<Standing> = new Set(["ended", "failed"]);

/** What is new after a change; the same map if that is the same. */
export function newsAfter(
  known: ReadonlyMap<string, News>,
  before: Seen["standings"],
  { standings, shown }: Seen,
): ReadonlyMap<string, News> {
  const news = new Map<string, News>();
  for (const [tab, standing] of standings) {
    if (shown.has(tab)) continue;
    const was = before.get(tab);
    const fresh = happened(was, standing);
    const old = was === standing || fresh === undefined ? known.get(tab) : undefined;
    const told = fresh ?? (stillCounts(old, standing) ? old : undefined);
    if (told !== undefined) news.set(tab, told);
  }
  const isSame =
    news.size === known.size && [...news].every(([tab, one]) => known.get(tab) === one);
  return isSame ? known : news;
}

function happened(was: Standing | undefined, is: Standing): News | undefined {
  if (was === undefined || was === is) return undefined;
  if (HAS_ENDED.has(is) && !HAS_ENDED.has(was)) return "ended";
  return was === "active" && is === "idle" ? "done" : undefined;
}

/** What was done is no news while more is being done; what ended is none once it runs again. */
const stillCounts = (news: News | undefined, is: Standing): boolean =>
  news === "done" ? is === "idle" : news === "ended" && HAS_ENDED.has(is);

interface Kept {
  readonly seen: Seen;
  readonly news: ReadonlyMap<string, News>;
}

/** See the top of the file. What is looked at is not new any more. */
export function useNews(seen: Seen): ReadonlyMap<string, News> {
  const [kept, keep] = useState<Kept>({ seen, news: new Map() });
  if (kept.seen === seen) return kept.news;
  const news = newsAfter(kept.news, kept.seen.standings, seen);
  keep({ seen, news });
  return news;
}
