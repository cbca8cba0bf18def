// What inputs need to know of the view that they come from.

import type { BrowserInput } from "pilothouse-client";
import type { Beside, Point } from "../geometry";

/** A place of the shown page, and the picture that it was aimed at. */
export interface Spot extends Point {
  readonly seq?: number;
}

/** The view, as inputs see it. */
export interface Aim {
  /** Whether somebody here steers. */
  isSteering(): boolean;
  /** Which place of the shown page is at a point of the screen. */
  spot(point: Point, beside?: Beside): Spot | undefined;
  /** How many pixels of the shown page are one of the screen. */
  scale(): number;
  /** Does something to the browser. */
  send(input: BrowserInput): void;
}

/** Which keys are held down while something else happens, as the browser counts them. */
export const modifiersOf = (
  event: {
    readonly altKey: boolean;
    readonly ctrlKey: boolean;
    readonly metaKey: boolean;
    readonly shiftKey: boolean;
  },
  isApple: boolean,
): number => {
  // Where Command is what Control is elsewhere, it is Control for the agent's browser.
  const control = event.ctrlKey || (isApple && event.metaKey);
  const meta = event.metaKey && !isApple;
  return (event.altKey ? 1 : 0) + (control ? 2 : 0) + (meta ? 4 : 0) + (event.shiftKey ? 8 : 0);
};

/** Whether this machine has Command keys. */
export const hasCommandKey = (): boolean => /Mac|iPhone|iPad/.test(navigator.platform);
