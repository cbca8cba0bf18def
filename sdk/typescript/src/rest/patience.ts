// How long an answer is waited for.

/** One request's. A file may take as long as it is large, so only its beginning is waited for. */
export class Patience {
  /** Aborts when it took too long. */
  readonly late: AbortSignal;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, isFile: boolean) {
    if (!isFile) {
      this.late = AbortSignal.timeout(ms);
      return;
    }
    const controller = new AbortController();
    this.late = controller.signal;
    this.#timer = setTimeout(() => {
      controller.abort(new DOMException("no answer in time", "TimeoutError"));
    }, ms);
  }

  /** The answer began, or there is none. */
  answered(): void {
    clearTimeout(this.#timer);
  }
}
