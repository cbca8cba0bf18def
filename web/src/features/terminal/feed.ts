// The way of what a worker prints into one terminal: bounded, in order, a slice at a time.

import { Backlog, type Size } from "./backlog";
import type { Rank, Scheduler, Writable } from "./scheduler";

/** What a feed writes to: a terminal of xterm.js, or what a test puts in its place. */
export interface Sink {
  write(text: string, done: () => void): void;
  resize(cols: number, rows: number): void;
}

/** More than this is not kept for a terminal that cannot keep up. */
export const MOST_WAITING = 1024 * 1024;

/** How many characters are assumed to be read in a millisecond before it was measured. */
const FIRST_SPEED = 2000;

/** See the top of the file. */
export class Feed implements Writable {
  rank: Rank = "hidden";
  #backlog = new Backlog();
  #isBusy = false;
  #isOver = false;
  #speed = FIRST_SPEED;
  readonly #leave: () => void;

  constructor(
    private readonly sink: Sink,
    private readonly scheduler: Scheduler,
    private readonly now: () => number,
  ) {
    this.#leave = scheduler.add(this);
  }

  get waiting(): number {
    return this.#backlog.waiting;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  get speed(): number {
    return this.#speed;
  }

  /** Shows text after all else. False if more than `most` characters would wait: then it was not taken. */
  push(text: string, most = MOST_WAITING): boolean {
    if (this.waiting + text.length > most) return false;
    this.#backlog.push(text);
    this.scheduler.wake(this);
    return true;
  }

  /** Shows text in the place of everything; however much it is. */
  replace(text: string): void {
    this.#backlog.replace(text);
    this.scheduler.wake(this);
  }

  /** Takes another size once everything before it is shown. */
  resize(size: Size): void {
    this.#backlog.pushSize(size);
    this.#settle();
  }

  /** Forgets what waits. How many characters that were. */
  drop(): number {
    const dropped = this.#backlog.clear();
    this.#settle();
    return dropped;
  }

  write(most: number): void {
    const text = this.#take(most);
    if (text === "") return;
    // What stands in front of the text begins to be read in the moment in which the text does.
    let begun = this.now();
    this.sink.write("", () => {
      begun = this.now();
    });
    this.sink.write(text, () => this.#wrote(text.length, this.now() - begun));
  }

  writeNow(): void {
    const text = this.#take(Number.POSITIVE_INFINITY);
    if (text !== "") this.sink.write(text, () => this.#wrote(0, 0));
  }

  /** Nothing is written any more. */
  dispose(): void {
    this.#isOver = true;
    this.#leave();
    this.#backlog = new Backlog();
  }

  #take(most: number): string {
    this.#settle();
    const text = this.#backlog.take(most);
    this.#isBusy = text !== "";
    return text;
  }

  #wrote(length: number, tookMs: number): void {
    if (this.#isOver) return;
    this.#isBusy = false;
    // Few characters say little, and clocks of browsers are coarse.
    if (length > 512) {
      const measured = length / Math.max(tookMs, 0.05);
      this.#speed = Math.min(50_000, Math.max(100, this.#speed * 0.7 + measured * 0.3));
    }
    this.#settle();
    if (this.waiting > 0) this.scheduler.wake(this);
  }

  #settle(): void {
    if (this.#isBusy || this.#isOver) return;
    const size = this.#backlog.takeSize();
    if (size !== undefined) this.sink.resize(size.cols, size.rows);
  }
}
