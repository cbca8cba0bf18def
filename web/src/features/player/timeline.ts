// When events of a recording are shown: at their own time, or with pauses cut short.

import type { CastEvent } from "./cast";

/** Events with the moments they are shown at. Grows while a recording is loaded. */
export class Timeline {
  readonly events: CastEvent[] = [];
  /** The moment of each event. */
  readonly #shown: number[] = [];
  #longestPause: number;

  /** Pauses take at most `longestPause` milliseconds; infinity keeps them as they were. */
  constructor(longestPause = Number.POSITIVE_INFINITY) {
    this.#longestPause = longestPause;
  }

  /** How long all of it is shown. */
  get duration(): number {
    return this.#shown.at(-1) ?? 0;
  }

  append(events: readonly CastEvent[]): void {
    for (const event of events) {
      this.events.push(event);
      this.#show(this.events.length - 1);
    }
  }

  /** Cuts pauses otherwise from now on. */
  cut(longestPause: number): void {
    this.#longestPause = longestPause;
    this.#shown.length = 0;
    for (const index of this.events.keys()) this.#show(index);
  }

  /** How many events have been shown at a moment. */
  countAt(shown: number): number {
    return firstAfter(this.#shown.length, (index) => this.#shown[index] ?? 0, shown);
  }

  /** The moment at which an event is shown. */
  momentOf(index: number): number {
    return this.#shown[index] ?? this.duration;
  }

  /** The recording's own time at a moment. */
  recordedAt(shown: number): number {
    const before = this.countAt(shown) - 1;
    const since = shown - (before < 0 ? 0 : this.momentOf(before));
    const at = before < 0 ? 0 : (this.events[before]?.at ?? 0);
    const next = this.events[before + 1]?.at ?? at;
    // A pause that is cut short begins at its own speed, and is left out to its end from there on.
    return Math.min(at + Math.max(0, since), next);
  }

  /** The moment at which the recording's own time is shown. */
  shownAt(recorded: number): number {
    const count = firstAfter(this.events.length, (index) => this.events[index]?.at ?? 0, recorded);
    if (count === 0) return Math.min(recorded, this.#longestPause);
    const before = this.events[count - 1]?.at ?? 0;
    const since = Math.min(recorded - before, this.#longestPause);
    return Math.min(this.momentOf(count - 1) + since, this.duration);
  }

  #show(index: number): void {
    const at = this.events[index]?.at ?? 0;
    const before = index === 0 ? 0 : (this.events[index - 1]?.at ?? 0);
    const shown = index === 0 ? 0 : (this.#shown[index - 1] ?? 0);
    this.#shown.push(shown + Math.min(at - before, this.#longestPause));
  }
}

/** How many of the sorted values are not after a limit. */
function firstAfter(count: number, value: (index: number) => number, limit: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value(middle) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
