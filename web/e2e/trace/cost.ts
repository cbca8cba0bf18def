// What the page's tasks cost a core, apart from how long they waited for one: for machines that do other things too.
import type { Browser, Page } from "playwright-core";

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

const TASK = "ThreadControllerImpl::RunTask";
const LONG_MS = 50;

/** Begins to count. One page of a browser at a time. */
export async function beginCosts(browser: Browser, page: Page): Promise<void> {
  await browser.startTracing(page, { categories: ["toplevel", "__metadata"] });
}

/** Milliseconds of processor time of each task of the page's thread that took 50 or more. */
export async function takeCosts(browser: Browser): Promise<readonly number[]> {
  const text = (await browser.stopTracing()).toString();
  const { traceEvents }: { traceEvents: readonly TraceEvent[] } = JSON.parse(text);
  const thread = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`;
  const pages = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(thread),
  );
  return traceEvents
    .filter((event) => event.name === TASK && pages.has(thread(event)))
    .map(({ tdur = 0 }) => tdur / 1000)
    .filter((ms) => ms >= LONG_MS);
}
