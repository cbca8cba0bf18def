// What is told of fingers on a part of the page, and when they are still.

/** On the screen, in CSS pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Whoever stays for so long holds. */
export const HOLD_MS = 450;
/** A finger that moved less has not moved, in CSS pixels. */
export const STILL = 8;

/** How far two places are apart. */
export const distance = (one: Point, other: Point) => Math.hypot(one.x - other.x, one.y - other.y);

/** Calls back after so many milliseconds; what it returns calls that off. */
export type After = (ms: number, callback: () => void) => () => void;

/** By the page's own clock. */
export const after: After = (ms, callback) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
};

/** Who is told where fingers are. The event is there to be kept from the page. */
export interface FingerListener {
  down(points: readonly Point[], event: TouchEvent): void;
  moved(points: readonly Point[], event: TouchEvent): void;
  /** `left` are still down. */
  up(left: number, event: TouchEvent): void;
}

/**
 * Tells of fingers that come down on a part of the page, until what is returned is called. Where their coming down is not
 * kept from the page, `isDownPassive` lets it scroll without waiting for anybody.
 */
export function hearFingers(
  place: HTMLElement,
  listener: FingerListener,
  { isDownPassive = false } = {},
): () => void {
  const points = (event: TouchEvent) =>
    [...event.touches].map(({ clientX, clientY }) => ({ x: clientX, y: clientY }));
  const down = (event: TouchEvent) => listener.down(points(event), event);
  const moved = (event: TouchEvent) => listener.moved(points(event), event);
  const up = (event: TouchEvent) => listener.up(event.touches.length, event);
  const heard = { touchstart: down, touchmove: moved, touchend: up, touchcancel: up } as const;
  const names = ["touchstart", "touchmove", "touchend", "touchcancel"] as const;
  for (const name of names) {
    const passive = isDownPassive && name === "touchstart";
    place.addEventListener(name, heard[name], { passive });
  }
  return () => {
    for (const name of names) place.removeEventListener(name, heard[name]);
  };
}
