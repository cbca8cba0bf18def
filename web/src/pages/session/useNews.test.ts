// News of tabs that nobody looked at.

import { expect, test } from "vitest";
import type { Standing } from "@/features/sessions/standing";
import { type News, newsAfter } from "./useNews";

/** What is new of one tab after it stood like this, one after the other. */
function told(standings: readonly Standing[], shownAt: readonly number[] = []): News | undefined {
  let news: ReadonlyMap<string, News> = new Map();
  let before: ReadonlyMap<string, Standing> = new Map();
  for (const [step, standing] of standings.entries()) {
    const now = new Map([["tab", standing]]);
    const shown = new Set(shownAt.includes(step) ? ["tab"] : []);
    news = newsAfter(news, before, { standings: now, shown });
    before = now;
  }
  return news.get("tab");
}

test.each<[News | undefined, Standing[]]>([
  [undefined, ["idle"]],
  [undefined, ["ended"]],
  ["done", ["active", "idle"]],
  ["done", ["active", "idle", "idle"]],
  [undefined, ["active", "idle", "active"]],
  [undefined, ["active", "idle", "asking"]],
  ["ended", ["open", "ended"]],
  ["ended", ["active", "idle", "failed", "failed"]],
  [undefined, ["open", "ended", "starting", "open"]],
])("%s after %j", (news, standings) => {
  expect(told(standings)).toBe(news);
});

test("what is looked at is not new any more, also when nobody looks again", () => {
  expect(told(["active", "idle"], [1])).toBeUndefined();
  expect(told(["active", "idle", "idle", "idle"], [2])).toBeUndefined();
});

test("while nothing changes, the news are the same", () => {
  const standings = new Map<string, Standing>([["tab", "idle"]]);
  const before = new Map<string, Standing>([["tab", "active"]]);
  const first = newsAfter(new Map(), before, { standings, shown: new Set() });
  expect(newsAfter(first, standings, { standings, shown: new Set() })).toBe(first);
});
