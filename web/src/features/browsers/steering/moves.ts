// Moves and turns of the wheel, at most one of each for a picture on the screen, in their order with everything else.

import type { BrowserInput } from "pilothouse-client";

type MouseInput = Extract<BrowserInput, { type: "input_mouse" }>;

/** Calls back before the screen is drawn next. */
export type NextFrame = (callback: () => void) => void;

/** The browser's own. */
export const nextFrame: NextFrame = (callback) => void requestAnimationFrame(callback);

/** Gathers what comes faster than anybody sees. */
export class Moves {
  #move: MouseInput | undefined;
  #wheel: MouseInput | undefined;
  #isWaiting = false;

  constructor(
    private readonly send: (input: BrowserInput) => void,
    private readonly nextFrame: NextFrame,
  ) {}

  /** The pointer is somewhere else; where it was between is nobody's business. */
  move(input: MouseInput): void {
    this.#move = input;
    this.#wait();
  }

  /** The wheel turned; turns add up. */
  turn(input: MouseInput): void {
    const before = this.#wheel;
    const isSame = before !== undefined && before.modifiers === input.modifiers;
    if (!isSame) this.#flushWheel();
    this.#wheel = isSame
      ? {
          ...input,
          deltaX: (before.deltaX ?? 0) + (input.deltaX ?? 0),
          deltaY: (before.deltaY ?? 0) + (input.deltaY ?? 0),
        }
      : input;
    this.#wait();
  }

  /** Says what was gathered, because something else happens now. */
  flush(): void {
    const move = this.#move;
    this.#move = undefined;
    if (move !== undefined) this.send(move);
    this.#flushWheel();
  }

  #flushWheel(): void {
    const wheel = this.#wheel;
    this.#wheel = undefined;
    if (wheel !== undefined) this.send(wheel);
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.nextFrame(() => {
      this.#isWaiting = false;
      this.flush();
    });
  }
}
