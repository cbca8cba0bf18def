// Lets fingers work on the picture of a page: they do what a mouse does there, and two of them look closer here.

import type { BrowserInput } from "pilothouse-client";
import { after, hearFingers, type Point } from "@/ui/fingers";
import type { Aim } from "./aim";
import { Fingers } from "./fingers";
import { Moves, type NextFrame, nextFrame as ownFrame } from "./moves";
import type { Zoom } from "./zoom";

type MouseInput = Extract<BrowserInput, { type: "input_mouse" }>;

/** Until what is returned is called. Somebody who does not steer may look closer. */
export function attendTouch(
  place: HTMLElement,
  aim: Aim,
  zoom: Zoom,
  nextFrame: NextFrame = ownFrame,
): () => void {
  const moves = new Moves((input) => aim.send(input), nextFrame);
  const mouse = (
    eventType: MouseInput["eventType"],
    at: Point,
    more: Partial<MouseInput> = {},
  ): MouseInput | undefined => {
    const spot = aim.isSteering() ? aim.spot(at, "edge") : undefined;
    return spot && { type: "input_mouse", eventType, ...spot, ...more };
  };
  const say = (input: MouseInput | undefined) => {
    if (input === undefined) return;
    moves.flush();
    aim.send(input);
  };
  const left = { button: "left", clickCount: 1 } as const;
  const fingers = new Fingers(
    {
      tap: (at) => {
        // Beside the picture there is nothing to tap.
        if (aim.spot(at) === undefined) return;
        say(mouse("mouseMoved", at));
        say(mouse("mousePressed", at, left));
        say(mouse("mouseReleased", at, left));
      },
      scroll: (from, to) => {
        const [begin, end] = [aim.spot(from, "edge"), aim.spot(to, "edge")];
        const isSteered = aim.isSteering() && begin !== undefined && end !== undefined;
        if (!isSteered) {
          zoom.pan(to.x - from.x, to.y - from.y);
          return;
        }
        const scale = aim.scale();
        const delta = { deltaX: (from.x - to.x) * scale, deltaY: (from.y - to.y) * scale };
        const turned = mouse("mouseWheel", to, delta);
        if (turned !== undefined) moves.turn(turned);
      },
      grab: (at) => {
        navigator.vibrate?.(10);
        say(mouse("mouseMoved", at));
        say(mouse("mousePressed", at, left));
      },
      drag: (to) => {
        const moved = mouse("mouseMoved", to, { button: "left" });
        if (moved !== undefined) moves.move(moved);
      },
      drop: (at) => say(mouse("mouseReleased", at, left)),
      pinch: (from, to, factor) => {
        zoom.around(to, factor);
        zoom.pan(to.x - from.x, to.y - from.y);
      },
    },
    after,
  );
  // Nothing of what fingers do here is the viewer's browser's business: no click follows, nothing scrolls.
  return hearFingers(place, {
    down: (points, event) => {
      event.preventDefault();
      fingers.down(points);
    },
    moved: (points, event) => {
      event.preventDefault();
      fingers.moved(points);
    },
    up: (left, event) => {
      event.preventDefault();
      fingers.up(left);
    },
  });
}
