// Figures of a page: long tasks, frames, memory, and when something was to be seen first.
import type { Page } from "playwright-core";

declare global {
  interface Window {
    measured?: { longTasks: number[]; frames: number[] };
  }
}

/** What was counted since `beginMeasuring`, and counting begins anew. */
export interface Counted {
  /** How long each task took that kept the page from answering for 50 ms or more. */
  readonly longTasks: readonly number[];
  /** The time between frames. */
  readonly frames: readonly number[];
}

/** Memory and nodes after everything that is not used has been given back. */
export interface Memory {
  readonly heapBytes: number;
  readonly nodes: number;
  readonly listeners: number;
}

/** Counts long tasks and frames from now on. */
export async function beginMeasuring(page: Page): Promise<void> {
  await page.evaluate(() => {
    const measured: { longTasks: number[]; frames: number[] } = { longTasks: [], frames: [] };
    window.measured = measured;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) measured.longTasks.push(entry.duration);
    }).observe({ type: "longtask" });
    let last = performance.now();
    const frame = (now: number) => {
      measured.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

/** What was counted up to now. */
export async function takeMeasured(page: Page): Promise<Counted> {
  const counted = await page.evaluate(() => {
    const { longTasks = [], frames = [] } = window.measured ?? {};
    return { longTasks: longTasks.splice(0), frames: frames.splice(0) };
  });
  return counted;
}

/** The page's memory now. */
export async function memory(page: Page): Promise<Memory> {
  const devtools = await page.context().newCDPSession(page);
  try {
    await devtools.send("Performance.enable");
    await devtools.send("HeapProfiler.collectGarbage");
    await devtools.send("HeapProfiler.collectGarbage");
    const { metrics } = await devtools.send("Performance.getMetrics");
    const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
    return {
      heapBytes: of("JSHeapUsedSize"),
      nodes: of("Nodes"),
      listeners: of("JSEventListeners"),
    };
  } finally {
    await devtools.detach();
  }
}

/** Milliseconds from the beginning of the navigation to the first paint of content. */
export function firstPaint(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          const [entry] = list.getEntriesByName("first-contentful-paint");
          if (entry !== undefined) resolve(entry.startTime);
        }).observe({ type: "paint", buffered: true });
      }),
  );
}

/** The value below which that share of the values is; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
