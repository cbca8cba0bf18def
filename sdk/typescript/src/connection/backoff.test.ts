import { describe, expect, it } from "vitest";
import { BACKOFFS, type Backoff, waitMs } from "./backoff.js";

const waits = (backoff: Backoff, random: number) =>
  Array.from({ length: 8 }, (_, failures) => waitMs(backoff, failures, random));

describe("the waits of each protocol", () => {
  it("are those that are written in its document", () => {
    const s = (...seconds: number[]) => seconds.map((second) => second * 1000);
    expect(waits(BACKOFFS.dashboard, 0.5)).toEqual(s(0, 1, 2, 4, 8, 16, 30, 30));
    expect(waits(BACKOFFS.sessions, 0.5)).toEqual(s(1, 2, 4, 8, 16, 30, 30, 30));
    expect(waits(BACKOFFS.missionControl, 0.5)).toEqual([
      ...s(1, 2, 4, 8, 16),
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("are moved by their jitter and by no more, after the limit", () => {
    expect(waits(BACKOFFS.dashboard, 0)[7]).toBe(24_000);
    expect(waits(BACKOFFS.dashboard, 1)[7]).toBe(36_000);
    expect(waits(BACKOFFS.sessions, 0)[0]).toBe(700);
    expect(waits(BACKOFFS.sessions, 1)[7]).toBe(39_000);
    expect(waits(BACKOFFS.missionControl, 0)).toEqual(waits(BACKOFFS.missionControl, 1));
  });

  it("stay within their bounds whatever comes in", () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    for (let round = 0; round < 2000; round++) {
      const backoff: Backoff = {
        isFirstAtOnce: random() < 0.5,
        firstMs: random() * 5000,
        longestMs: 5000 + random() * 60_000,
        jitter: random(),
        mostAttempts: Number.POSITIVE_INFINITY,
        offersManualAfter: 5,
        worksAfterMs: 0,
      };
      const failures = Math.floor(random() * 2000);
      const wait = waitMs(backoff, failures, random() * 3 - 1) ?? Number.NaN;
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(Math.ceil(backoff.longestMs * (1 + backoff.jitter)));
      const calm = { ...backoff, jitter: 0 };
      const next = waitMs(calm, failures + 1, 0.5) ?? Number.NaN;
      expect(next).toBeGreaterThanOrEqual(waitMs(calm, failures, 0.5) ?? Number.NaN);
    }
  });
});
