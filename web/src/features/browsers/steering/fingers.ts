// Fingers on the picture of a page: a tap clicks, a drag scrolls, whoever holds drags, two fingers look closer.

import { type After, distance, HOLD_MS, type Point, STILL } from "@/ui/fingers";

/** What fingers do. */
export interface Touched {
  tap(at: Point): void;
  /** A finger went from one place to another: what is shown goes with it. */
  scroll(from: Point, to: Point): void;
  /** A finger held still, and drags from there on. */
  grab(at: Point): void;
  drag(to: Point): void;
  drop(at: Point): void;
  /** Two fingers: the middle between them moved, and they are further apart by a factor. */
  pinch(from: Point, to: Point, factor: number): void;
}

type Gesture =
  | { readonly kind: "none" }
  | { readonly kind: "down"; readonly at: Point }
  | { readonly kind: "scrolling"; readonly at: Point }
  | { readonly kind: "dragging"; readonly at: Point }
  | { readonly kind: "pinching"; readonly middle: Point; readonly apart: number };

/** Makes gestures of what fingers do. Pure but for the timer that it is given. */
export class Fingers {
  #gesture: Gesture = { kind: "none" };
  #stop: (() => void) | undefined;

  constructor(
    private readonly touched: Touched,
    private readonly after: After,
  ) {}

  /** Fingers are down, one more than before. */
  down(points: readonly Point[]): void {
    this.#stop?.();
    const [first, second] = points;
    if (first === undefined) return;
    if (second !== undefined) {
      if (this.#gesture.kind === "dragging") this.touched.drop(this.#gesture.at);
      this.#gesture = { kind: "pinching", ...between(first, second) };
      return;
    }
    this.#gesture = { kind: "down", at: first };
    this.#stop = this.after(HOLD_MS, () => {
      this.#gesture = { kind: "dragging", at: first };
      this.touched.grab(first);
    });
  }

  /** Fingers moved. */
  moved(points: readonly Point[]): void {
    const [first, second] = points;
    const gesture = this.#gesture;
    if (first === undefined) return;
    if (gesture.kind === "pinching" && second !== undefined) {
      const now = between(first, second);
      this.touched.pinch(gesture.middle, now.middle, now.apart / Math.max(1, gesture.apart));
      this.#gesture = { kind: "pinching", ...now };
    } else if (gesture.kind === "dragging") {
      this.touched.drag(first);
      this.#gesture = { kind: "dragging", at: first };
    } else if (gesture.kind === "scrolling") {
      this.touched.scroll(gesture.at, first);
      this.#gesture = { kind: "scrolling", at: first };
    } else if (gesture.kind === "down" && distance(gesture.at, first) > STILL) {
      this.#stop?.();
      this.touched.scroll(gesture.at, first);
      this.#gesture = { kind: "scrolling", at: first };
    }
  }

  /** Fingers were lifted; `left` are still down. */
  up(left: number): void {
    this.#stop?.();
    const gesture = this.#gesture;
    if (gesture.kind === "down") this.touched.tap(gesture.at);
    if (gesture.kind === "dragging") this.touched.drop(gesture.at);
    // One finger of two that stays down does nothing more.
    if (left === 0 || gesture.kind !== "pinching") this.#gesture = { kind: "none" };
  }
}

const between = (one: Point, other: Point) => ({
  middle: { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 },
  apart: distance(one, other),
});
