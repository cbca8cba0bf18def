// Gathers what sockets tell, so that a thousand events change the page once.

/** How long changes gather. Short enough that nobody sees it, and runs in hidden tabs too. */
const GATHER_MS = 50;

/** Runs one function after changes, at most once in the given time. */
export class Batch {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly flush: () => void,
    private readonly gatherMs = GATHER_MS,
  ) {}

  /** Something changed. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.flush();
    }, this.gatherMs);
  }

  /** Nothing is flushed any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
