// Where in a worker's log a viewer is, and what of what comes is new to it. Pure.

import type { History, Output } from "../../wire/sessions_and_workers.js";

/** What to show. */
export interface Shown {
  readonly data: string;
  /** Whether it takes the place of what the terminal shows. */
  readonly replaces: boolean;
  /** The byte of the log where it goes on, or as of which it replaces, if the server tells. */
  readonly startOffset: number | undefined;
}

/** A viewer's place: the life of the worker, and how many bytes of its log were shown. */
export class Place {
  #hasBegun = false;
  #known: { epoch: number; offset: number } | undefined;

  /** The life of the worker and the byte after the last that was shown, if the server tells. */
  get known(): { readonly epoch: number; readonly offset: number } | undefined {
    return this.#known;
  }

  /** What to add to the address of the door. */
  get query(): string {
    if (this.#known === undefined) return "?fromOffset=0";
    return `?fromOffset=${this.#known.offset}&epoch=${this.#known.epoch}`;
  }

  /** Nothing was shown: what comes next takes the place of everything. */
  forget(): void {
    this.#hasBegun = false;
    this.#known = undefined;
  }

  /** What was printed before: what is missing, or everything anew. */
  history(history: History): Shown | undefined {
    const { data, startOffset, offset, epoch, replaces } = history;
    const known = this.#known;
    const follows = known !== undefined && known.epoch === epoch && known.offset === startOffset;
    const goesOn = this.#hasBegun && !(replaces ?? !follows);
    const isNothing = known !== undefined && known.epoch === epoch && known.offset === offset;
    if (goesOn && isNothing) return undefined;
    this.#known = epoch === undefined || offset === undefined ? undefined : { epoch, offset };
    this.#hasBegun = true;
    return { data, replaces: !goesOn, startOffset };
  }

  /** What was printed just now. */
  output(output: Output): Shown | undefined {
    const { data, offset, epoch } = output;
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    if (offset === undefined || epoch === undefined) {
      return { data, replaces: isFirst, startOffset: undefined };
    }
    const known = this.#known;
    if (known !== undefined && epoch < known.epoch) return undefined;
    if (known !== undefined && epoch === known.epoch && offset <= known.offset) return undefined;
    this.#known = { epoch, offset };
    const isOtherLife = known !== undefined && known.epoch !== epoch;
    const startOffset = isOtherLife ? 0 : known?.offset;
    return { data, replaces: isFirst || isOtherLife, startOffset };
  }
}
