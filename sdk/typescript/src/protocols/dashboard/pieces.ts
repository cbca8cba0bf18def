// What was told and not yet asked for, as an async iterator. Bounded.

/** Says what to put where pieces had to be dropped. */
export type Notice<Piece> = (dropped: readonly Piece[]) => Piece;

/**
 * A queue that is filled by one and read by one. Overflow rule: beyond `most` pieces the older half of what waits is
 * dropped, and one notice takes its place.
 */
export class Pieces<Piece> implements AsyncIterableIterator<Piece> {
  #waiting: Piece[] = [];
  #readers: ((result: IteratorResult<Piece, undefined>) => void)[] = [];
  #isOver = false;

  constructor(
    private readonly most: number,
    private readonly notice: Notice<Piece>,
  ) {}

  push(piece: Piece): void {
    if (this.#isOver) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader({ done: false, value: piece });
      return;
    }
    this.#waiting.push(piece);
    if (this.#waiting.length > this.most) {
      const dropped = this.#waiting.splice(0, Math.ceil(this.most / 2));
      this.#waiting.unshift(this.notice(dropped));
    }
  }

  /** Nothing comes any more; what waits is still to be read. */
  end(): void {
    this.#isOver = true;
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Piece, undefined>> {
    const piece = this.#waiting.shift();
    if (piece !== undefined) return Promise.resolve({ done: false, value: piece });
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  return(): Promise<IteratorResult<Piece, undefined>> {
    this.#waiting = [];
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
