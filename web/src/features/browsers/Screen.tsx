// The picture of a browser in its frame, and everything that is done on it by mouse, keys and fingers.

import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import { classes } from "@/ui/classes";
import { useIsTouched } from "@/ui/media";
import { type Point, spotAt } from "./geometry";
import type { Standing } from "./standing";
import type { Aim } from "./steering/aim";
import { attendKeyboard } from "./steering/keyboard";
import { LEAVE_KEYS } from "./steering/keys";
import { attendMouse } from "./steering/mouse";
import { attendTouch } from "./steering/touch";
import { Zoom } from "./steering/zoom";
import type { Watching } from "./watching";

/** Where inputs of a view go, and what they are aimed at. */
function aimOf(watching: Watching, canvas: HTMLCanvasElement): Aim {
  return {
    isSteering: () => watching.isSteering,
    spot: (point: Point, beside) => {
      const { drawn } = watching;
      if (drawn === undefined) return undefined;
      const spot = spotAt(point, canvas.getBoundingClientRect(), drawn, beside);
      return spot && (drawn.seq === undefined ? spot : { ...spot, seq: drawn.seq });
    },
    scale: () => {
      const { drawn } = watching;
      const { width, height } = canvas.getBoundingClientRect();
      if (drawn === undefined || width <= 0 || height <= 0) return 1;
      return Math.max(drawn.page.width / width, drawn.page.height / height);
    },
    send: (input) => void watching.client.input(input),
  };
}

const FRAMES: Readonly<Record<Standing["kind"], string>> = {
  unknown: "ring-1 ring-line",
  free: "ring-1 ring-line",
  mine: "ring-4 ring-accent",
  others: "ring-4 ring-warn",
};

/** See the top of the file. `field` takes the keys. */
export function Screen({
  watching,
  label,
  standing,
  field,
  onLeave,
  children,
}: {
  readonly watching: Watching;
  /** What is seen, for those who do not see it. */
  readonly label: string;
  readonly standing: Standing;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  /** Somebody wants to be out of it with the keyboard. */
  readonly onLeave: () => void;
  /** What lies over the picture. */
  readonly children?: ReactNode;
}) {
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const isTouched = useIsTouched();
  const [hasKeys, setKeys] = useState(false);
  const leave = useRef(onLeave);
  leave.current = onLeave;
  const isMine = standing.kind === "mine";
  useEffect(() => {
    const [around, drawing, keys] = [place.current, canvas.current, field.current];
    if (around === null || drawing === null || keys === null) return;
    const aim = aimOf(watching, drawing);
    const zoom = new Zoom(drawing, around);
    const ends = [
      watching.painter.attach(drawing),
      attendMouse(around, aim, () => keys.focus({ preventScroll: true })),
      attendTouch(around, aim, zoom),
      attendKeyboard(keys, aim, { left: () => leave.current() }, isTouched),
      () => zoom.reset(),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [watching, field, isTouched]);
  return (
    <div className="relative min-h-0 flex-1 bg-sunken p-1">
      <div
        className={classes(
          "relative h-full overflow-hidden rounded-sm bg-black",
          FRAMES[standing.kind],
          hasKeys && isMine && "outline-2 outline-offset-4 outline-accent",
        )}
        data-standing={standing.kind}
      >
        <div ref={place} className="absolute inset-0 touch-none overflow-hidden select-none">
          <canvas
            ref={canvas}
            role="img"
            aria-label={label}
            className={classes(
              "size-full object-contain",
              isMine ? "cursor-default" : "cursor-auto",
            )}
          />
        </div>
        <textarea
          ref={field}
          aria-label={
            isMine
              ? `Keys for the browser. ${LEAVE_KEYS} leaves.`
              : "Keys for the browser, for whoever steers"
          }
          aria-disabled={!isMine}
          tabIndex={isMine ? 0 : -1}
          autoCapitalize="off"
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
          onFocus={() => setKeys(true)}
          onBlur={() => setKeys(false)}
          className="pointer-events-none absolute bottom-0 left-0 size-px resize-none overflow-hidden border-0 bg-transparent p-0 text-transparent caret-transparent opacity-0 outline-none"
        />
        {children}
        {isMine && hasKeys && (
          <p className="pointer-events-none absolute right-2 bottom-2 rounded-md bg-black/75 px-2 py-1 text-tiny text-white touch:hidden">
            Keys go to the browser. {LEAVE_KEYS} leaves.
          </p>
        )}
      </div>
    </div>
  );
}
