// Looking closer at a picture without asking for another one: the canvas is enlarged and moved within its place.

import type { Point } from "../geometry";

/** Nobody needs to look closer. */
const MOST = 6;

/** Enlarges one canvas inside its place. No view follows each move. */
export class Zoom {
  #scale = 1;
  #x = 0;
  #y = 0;

  constructor(
    private readonly canvas: HTMLElement,
    private readonly place: HTMLElement,
  ) {}

  /** How much larger it is. */
  get scale(): number {
    return this.#scale;
  }

  /** Makes it larger by a factor; what is at a point of the screen stays there. */
  around(point: Point, factor: number): void {
    const box = this.place.getBoundingClientRect();
    const scale = Math.min(MOST, Math.max(1, this.#scale * factor));
    const grown = scale / this.#scale;
    const [x, y] = [point.x - box.left, point.y - box.top];
    this.#x = x - (x - this.#x) * grown;
    this.#y = y - (y - this.#y) * grown;
    this.#scale = scale;
    this.#put();
  }

  /** Moves it by so many pixels of the screen, never out of its place. */
  pan(x: number, y: number): void {
    this.#x += x;
    this.#y += y;
    this.#put();
  }

  /** As large as its place. */
  reset(): void {
    this.#scale = 1;
    this.#put();
  }

  #put(): void {
    const { clientWidth, clientHeight } = this.place;
    this.#x = Math.min(0, Math.max(this.#x, clientWidth * (1 - this.#scale)));
    this.#y = Math.min(0, Math.max(this.#y, clientHeight * (1 - this.#scale)));
    this.canvas.style.transformOrigin = "0 0";
    this.canvas.style.transform =
      this.#scale === 1 ? "" : `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`;
  }
}
