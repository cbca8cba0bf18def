// Notices that somebody may do more or less than before: the server decides with every request, and the page follows.

import type { DashboardClient } from "pilothouse-client";

/** Nobody is asked more often than this. */
const LEAST_MS = 2000;
/** How often a page that is looked at asks by itself. */
const LOOK_MS = 15_000;

/** Calls `recheck` when the role may have changed. */
export class Standing {
  #lastAt = Number.NEGATIVE_INFINITY;
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly recheck: () => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** Something was refused, or a while has passed. */
  doubt(): void {
    const wait = this.#lastAt + LEAST_MS - this.now();
    if (wait > 0) {
      this.#later ??= setTimeout(() => {
        this.#later = undefined;
        this.doubt();
      }, wait);
      return;
    }
    this.#lastAt = this.now();
    this.recheck();
  }

  /** Nothing is asked any more. */
  stop(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
  }
}

/** A `fetch` that has `standing` doubt when something is forbidden. */
export const watchedFetch =
  (standing: Standing, ask: typeof fetch = (...request) => fetch(...request)): typeof fetch =>
  async (...request) => {
    const response = await ask(...request);
    if (response.status === 403) standing.doubt();
    return response;
  };

/** Doubts from time to time and whenever there is reason to, until what it returns is called. */
export function attendStanding(standing: Standing, dashboard: DashboardClient): () => void {
  const seen = () => {
    if (document.visibilityState === "visible") standing.doubt();
  };
  const timer = setInterval(seen, LOOK_MS);
  document.addEventListener("visibilitychange", seen);
  const off = dashboard.on("error", ({ code }) => {
    if (code === "FORBIDDEN" || code === "UNAUTHORIZED") standing.doubt();
  });
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", seen);
    off();
    standing.stop();
  };
}
