// What a page does while it is watched: tasks, frames and memory, minute by minute, and a table of it.
import type { Browser, Page } from "playwright-core";
import { beginMeasuring, type Memory, memory, percentile, takeMeasured } from "../harness/measure";

import { beginCosts, takeCosts } from "./cost";

/** What is said of a stretch of time. */
interface Stretch {
  readonly seconds: number;
  readonly longTasks: readonly number[];
  /** Of tasks that cost a core 50 ms or more, what they cost; absent if that was not asked for. */
  readonly costs: readonly number[] | undefined;
  readonly frames: readonly number[];
  readonly memory: Memory;
}

/** A page that was watched. */
export interface Recording {
  readonly view: string;
  readonly before: Memory;
  readonly stretches: readonly Stretch[];
}

const MINUTE = 60;

/** Watches a page for so long; memory is read after every minute. With its browser, what tasks cost is recorded too. */
export async function record(
  page: Page,
  { view, seconds, browser }: { view: string; seconds: number; browser: Browser | undefined },
): Promise<Recording> {
  const before = await memory(page);
  await beginMeasuring(page);
  const stretches: Stretch[] = [];
  for (let left = seconds; left > 0; left -= MINUTE) {
    const length = Math.min(MINUTE, left);
    if (browser !== undefined) await beginCosts(browser, page);
    const startedAt = performance.now();
    await new Promise((over) => setTimeout(over, length * 1000));
    // Taken before memory is, since giving back what is not used is a long task too.
    const counted = await takeMeasured(page);
    const lasted = (performance.now() - startedAt) / 1000;
    const costs = browser === undefined ? undefined : await takeCosts(browser);
    stretches.push({ seconds: lasted, ...counted, costs, memory: await memory(page) });
    await takeMeasured(page);
  }
  return { view, before, stretches };
}

/** The figures of a recording, for people. */
export function table(recording: Recording): string {
  const head = [
    "",
    "long tasks",
    "p50",
    "p95",
    "p99",
    "max",
    "busy",
    "frames/s",
    "frame p99",
    "heap",
    "nodes",
  ];
  const begin = ["begin", ...Array<string>(8).fill(""), ...kept(recording.before)];
  const rows = recording.stretches.map((stretch, index) => row(`${index + 1} min`, [stretch]));
  const all = row("all", recording.stretches);
  return [`\n${recording.view}`, ...aligned([head, begin, ...rows, all]), costLine(recording)].join(
    "\n",
  );
}

function row(name: string, stretches: readonly Stretch[]): readonly string[] {
  const tasks = stretches.flatMap((one) => one.longTasks);
  const frames = stretches.flatMap((one) => one.frames);
  const seconds = stretches.reduce((sum, one) => sum + one.seconds, 0);
  const busy = tasks.reduce((sum, one) => sum + one, 0) / seconds / 10;
  const last = stretches.at(-1);
  return [
    name,
    `${tasks.length}`,
    ...[0.5, 0.95, 0.99, 1].map((share) => ms(percentile(tasks, share))),
    `${busy.toFixed(1)} %`,
    (frames.length / seconds).toFixed(1),
    ms(percentile(frames, 0.99)),
    ...(last === undefined ? [] : kept(last.memory)),
  ];
}

function costLine({ stretches }: Recording): string {
  const costs = stretches.flatMap((one) => one.costs ?? []);
  if (stretches.some((one) => one.costs === undefined)) return "";
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => ms(percentile(costs, share)));
  return `tasks that cost a core 50 ms or more: ${costs.length}; p50 ${p50}, p99 ${p99}, max ${max}`;
}

const ms = (value: number): string => `${value.toFixed(0)} ms`;

function kept({ heapBytes, nodes }: Memory): readonly string[] {
  return [`${(heapBytes / 1e6).toFixed(1)} MB`, `${nodes}`];
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? "").length)),
  );
  return rows.map((cells) =>
    cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  "),
  );
}
