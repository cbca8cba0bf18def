// Who decides how large a terminal is, as far as one viewer knows it, and when it should say its own size. Pure.

import { isSameSize, type Size } from "./backlog";

/** Whose size is in force. */
export type Ownership = "mine" | "another's" | "nobody's";

/** A window that is dragged says many sizes before it is told the first of them. */
const MOST_TOLD = 32;

/** What a viewer knows of its terminal's size. */
export class Claim {
  #fit: Size | undefined;
  #inForce: Size | undefined;
  /** What was said over the present connection, the newest last. The terminal follows with a delay. */
  #told: Size[] = [];
  #mayDecide = true;
  #isConnected = false;
  #isMine = true;
  #known: Ownership | undefined;

  /** What would fit into this viewer's window. */
  get fit(): Size | undefined {
    return this.#fit;
  }

  /** What the terminal has. */
  get inForce(): Size | undefined {
    return this.#inForce;
  }

  /** Whether it was this viewer's size, as far as is known, or is to become it. */
  get isClaimed(): boolean {
    return this.#isMine;
  }

  /** Whose it is. What the server says counts; without it, a size that was asked for here is one's own. */
  get ownership(): Ownership {
    if (this.#known !== undefined) return this.#known;
    const { inForce } = this;
    if (inForce === undefined || isSameSize(inForce, this.#fit)) return "mine";
    return this.#told.some((told) => isSameSize(told, inForce)) ? "mine" : "another's";
  }

  /** Who only reads, or is not looked at, decides nothing. */
  decides(mayDecide: boolean): Size | undefined {
    this.#mayDecide = mayDecide;
    return this.#say();
  }

  /** The window is so large. The size to say, if one should be said. */
  fits(size: Size): Size | undefined {
    this.#fit = size;
    return this.#say();
  }

  /** There is a connection, to a terminal of this size. */
  connected(inForce: Size): Size | undefined {
    this.#isConnected = true;
    this.#inForce = inForce;
    this.#told = [];
    this.#known = undefined;
    return this.#say();
  }

  /** The connection is gone. Whoever had the size before takes it again afterwards; the others wait. */
  lost(): void {
    if (this.#isConnected) this.#isMine = this.ownership !== "another's";
    this.#isConnected = false;
    this.#told = [];
  }

  /** The terminal has another size. */
  resized(inForce: Size): void {
    this.#inForce = inForce;
    this.#isMine = this.ownership === "mine";
  }

  /** The server says whose size it is. */
  knows(ownership: Ownership): Size | undefined {
    this.#known = ownership;
    this.#isMine = ownership !== "another's";
    // What was said did not count, such as while the agent was away.
    if (ownership === "nobody's") this.#told = [];
    return this.#say();
  }

  /** Somebody types here, after which the size is the typist's as soon as the owner rests. */
  types(): Size | undefined {
    this.#isMine = true;
    return this.#say();
  }

  #say(): Size | undefined {
    if (!this.#mayDecide || !this.#isConnected || !this.#isMine || this.#fit === undefined) {
      return undefined;
    }
    if (isSameSize(this.#told.at(-1), this.#fit)) return undefined;
    this.#told = [...this.#told.slice(1 - MOST_TOLD), this.#fit];
    return this.#fit;
  }
}
