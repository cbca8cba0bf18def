// A mouse on the picture of a page becomes the same on the page.

import type { BrowserInput } from "pilothouse-client";
import type { Point } from "../geometry";
import { type Aim, hasCommandKey, modifiersOf } from "./aim";
import { Moves, type NextFrame, nextFrame as ownFrame } from "./moves";

type MouseInput = Extract<BrowserInput, { type: "input_mouse" }>;

/** Buttons by their number in events. */
const BUTTONS = ["left", "middle", "right", "back", "forward"] as const;
/** Buttons by their bit in `buttons`, in the order in which they name a drag. */
const HELD = [
  [1, "left"],
  [2, "right"],
  [4, "middle"],
] as const;
/** A turn of the wheel in lines or pages, in pixels. */
const LINE = 40;
const PAGE = 800;

const pointOf = ({ clientX, clientY }: MouseEvent): Point => ({ x: clientX, y: clientY });

/** Whether one is the other without its fractions. */
const isSame = (one: Point, other: Point): boolean =>
  Math.abs(one.x - other.x) <= 1 && Math.abs(one.y - other.y) <= 1;

const heldOf = ({ buttons }: MouseEvent): NonNullable<MouseInput["button"]> =>
  HELD.find(([bit]) => (buttons & bit) !== 0)?.[1] ?? "none";

const pixels = (delta: number, mode: number): number =>
  delta *
  (mode === WheelEvent.DOM_DELTA_LINE ? LINE : mode === WheelEvent.DOM_DELTA_PAGE ? PAGE : 1);

/** Lets a mouse work on a place, until what is returned is called. `focus` takes the keyboard there. */
export function attendMouse(
  place: HTMLElement,
  aim: Aim,
  focus: () => void,
  nextFrame: NextFrame = ownFrame,
): () => void {
  const moves = new Moves((input) => aim.send(input), nextFrame);
  const isApple = hasCommandKey();
  const pressed = new Set<number>();
  // Events of mice are at whole pixels; those of pointers, which come right before, at those of the screen.
  let exact: Point | undefined;
  const pointed = (event: PointerEvent) => {
    exact = pointOf(event);
  };
  const at = (event: MouseEvent): Point => {
    const rough = pointOf(event);
    return exact !== undefined && isSame(exact, rough) ? exact : rough;
  };
  const input = (
    eventType: MouseInput["eventType"],
    event: MouseEvent,
    more: Partial<MouseInput>,
  ): MouseInput | undefined => {
    const spot = aim.spot(at(event), pressed.size > 0 ? "edge" : "nothing");
    const modifiers = modifiersOf(event, isApple);
    return spot && { type: "input_mouse", eventType, ...spot, modifiers, ...more };
  };
  const down = (event: MouseEvent) => {
    if (!aim.isSteering()) return;
    event.preventDefault();
    focus();
    const button = BUTTONS[event.button] ?? "left";
    const said = input("mousePressed", event, { button, clickCount: Math.max(1, event.detail) });
    if (said === undefined) return;
    pressed.add(event.button);
    moves.flush();
    aim.send(said);
  };
  // Whoever drags beyond the picture still drags.
  const up = (event: MouseEvent) => {
    const said = input("mouseReleased", event, {
      button: BUTTONS[event.button] ?? "left",
      clickCount: Math.max(1, event.detail),
    });
    if (!pressed.delete(event.button)) return;
    moves.flush();
    if (said !== undefined) aim.send(said);
  };
  const moved = (event: MouseEvent) => {
    if (!aim.isSteering()) return;
    const isHere = event.target instanceof Node && place.contains(event.target);
    if (!isHere && pressed.size === 0) return;
    const said = input("mouseMoved", event, { button: heldOf(event) });
    if (said !== undefined) moves.move(said);
  };
  const turned = (event: WheelEvent) => {
    // With Control, or two fingers on a touchpad, it is the viewer's own zoom.
    if (!aim.isSteering() || event.ctrlKey) return;
    const said = input("mouseWheel", event, {
      deltaX: pixels(event.deltaX, event.deltaMode),
      deltaY: pixels(event.deltaY, event.deltaMode),
    });
    if (said === undefined) return;
    event.preventDefault();
    moves.turn(said);
  };
  // The menu, and what the middle button does here, are the page's there.
  const kept = (event: Event) => {
    if (aim.isSteering()) event.preventDefault();
  };
  place.addEventListener("mousedown", down);
  place.addEventListener("wheel", turned, { passive: false });
  place.addEventListener("contextmenu", kept);
  place.addEventListener("auxclick", kept);
  place.addEventListener("dragstart", kept);
  const pointers = ["pointerdown", "pointermove", "pointerup"] as const;
  for (const name of pointers) addEventListener(name, pointed, { capture: true });
  addEventListener("mousemove", moved);
  addEventListener("mouseup", up);
  return () => {
    place.removeEventListener("mousedown", down);
    place.removeEventListener("wheel", turned);
    place.removeEventListener("contextmenu", kept);
    place.removeEventListener("auxclick", kept);
    place.removeEventListener("dragstart", kept);
    for (const name of pointers) removeEventListener(name, pointed, { capture: true });
    removeEventListener("mousemove", moved);
    removeEventListener("mouseup", up);
  };
}
