// What is asked for anew when something waits for a person, or does not any longer.
import { QueryClient } from "@tanstack/react-query";
import { DashboardClient, type dashboard } from "pilothouse-client";
import { beforeEach, expect, it, vi } from "vitest";
import { keys } from "@/api/keys";
import { attendAttention } from "./attention";

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

/** Has the dashboard tell something; gives the keys that were asked for anew. */
async function outdated(changed: dashboard.AttentionChanged): Promise<readonly unknown[]> {
  const client = new DashboardClient({ server: "http://house", token: "t", attention: true });
  let tell: ((item: dashboard.AttentionChanged) => void) | undefined;
  vi.spyOn(client, "on").mockImplementation((name, listener) => {
    if (name === "attention") tell = (item) => Reflect.apply(listener, undefined, [item]);
    return () => {};
  });
  const cache = new QueryClient();
  for (const key of [keys.attention, keys.runs, keys.run("run-1"), keys.browsers]) {
    cache.setQueryData(key, "known");
  }
  const end = attendAttention(client, cache);
  tell?.(changed);
  await vi.advanceTimersByTimeAsync(1000);
  end();
  const queries = cache.getQueryCache().getAll();
  return queries.filter((query) => query.state.isInvalidated).map(({ queryKey }) => queryKey);
}

it("a run that waits is looked at again, with the list of what waits", async () => {
  const run = { subjectType: "run", subjectId: "run-1", waits: true };
  expect(await outdated(run)).toEqual([keys.attention, keys.runs, keys.run("run-1")]);
});

it("of anything else the list alone is", async () => {
  const worker = { subjectType: "worker", subjectId: "w-1", waits: false };
  expect(await outdated(worker)).toEqual([keys.attention]);
});
