// What waits to be drawn, so that a flood is drawn in parts, once a frame, and never more than the screen can hold.

/** What draws: calls back when it has. */
export type Draw = (text: string, done: () => void) => void;

/** Characters that are drawn between two frames. */
const PART = 128 * 1024;
/** Characters that wait at most. Overflow rule: older ones are dropped, which is said, since they had scrolled away. */
const MOST = 4 * 1024 * 1024;

/** One screen's queue. */
export class Drawing {
  #waiting: string[] = [];
  #characters = 0;
  #dropped = 0;
  #isBusy = false;
  #readers: (() => void)[] = [];

  constructor(
    private readonly draw: Draw,
    private readonly frame: (callback: () => void) => void,
    /** The line that stands for characters that were dropped. */
    private readonly droppedLine: (characters: number) => string,
  ) {}

  add(text: string): void {
    if (text === "") return;
    this.#waiting.push(text);
    this.#characters += text.length;
    while (this.#characters > MOST && this.#waiting.length > 1) {
      const oldest = this.#waiting.shift() ?? "";
      this.#characters -= oldest.length;
      this.#dropped += oldest.length;
    }
    this.#next();
  }

  /** Resolves as soon as nothing waits. */
  drawn(): Promise<void> {
    if (this.#characters === 0 && !this.#isBusy) return Promise.resolve();
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  #next(): void {
    if (this.#isBusy || this.#characters === 0) return;
    this.#isBusy = true;
    this.frame(() => {
      this.draw(this.#take(), () => {
        this.#isBusy = false;
        if (this.#characters > 0) this.#next();
        else for (const resolve of this.#readers.splice(0)) resolve();
      });
    });
  }

  #take(): string {
    let part = this.#dropped > 0 ? this.droppedLine(this.#dropped) : "";
    this.#dropped = 0;
    while (part.length < PART) {
      const oldest = this.#waiting.shift();
      if (oldest === undefined) break;
      this.#characters -= oldest.length;
      part += oldest;
    }
    return part;
  }
}

/** The next frame; a page that nobody sees has none, and draws all the same, more seldom. */
export function nextFrame(callback: () => void): void {
  if (document.hidden) setTimeout(callback, 250);
  else requestAnimationFrame(callback);
}
