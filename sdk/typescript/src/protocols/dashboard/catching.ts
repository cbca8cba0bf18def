// One command whose missed output is being fetched: what comes live meanwhile waits here.

import type { CommandStatus, TerminalOutput } from "../../wire/dashboard.js";

/** How much live output waits, in characters. Overflow rule: all of it is dropped and fetched from storage too. */
const MOST_HELD = 4 * 1024 * 1024;

/** What waits until everything before it was fetched. */
export class Catching {
  #held: TerminalOutput[] = [];
  #characters = 0;
  #hasDropped = false;
  #ending: CommandStatus | undefined;

  /** Keeps live output for later. Gap notices are not needed: numbers tell. */
  hold(output: TerminalOutput): void {
    if (output.gap !== undefined) {
      this.#hasDropped = true;
      return;
    }
    this.#characters += output.data.length + 64;
    this.#held.push(output);
    if (this.#characters > MOST_HELD) {
      this.#held = [];
      this.#characters = 0;
      this.#hasDropped = true;
    }
  }

  /** Keeps the command's end for later. */
  end(status: CommandStatus): void {
    this.#ending = status;
  }

  /** Whether storage has to be asked once more although it had said that this was all. */
  needsMore(next: number | undefined, hasProgress: boolean): boolean {
    const hasDropped = this.#hasDropped;
    this.#hasDropped = false;
    if (hasDropped || next === undefined) return hasDropped;
    const first = this.#held.find((output) => output.sequence >= next);
    return first !== undefined && first.sequence > next && hasProgress;
  }

  /** What waited, in order. */
  release(): { held: TerminalOutput[]; ending: CommandStatus | undefined } {
    return { held: this.#held, ending: this.#ending };
  }
}
