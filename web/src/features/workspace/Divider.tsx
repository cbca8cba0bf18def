// The line between two parts of a workspace, which is dragged or moved by keys.

import { type RefObject, useRef } from "react";
import { classes } from "@/ui/classes";
import type { Line } from "./geometry";

/** What one press of a key moves it by, of the split. */
const STEP = 0.04;

/** See the top of the file. */
export function Divider({
  line,
  place,
  onMove,
  onEven,
}: {
  readonly line: Line;
  /** The whole workspace. */
  readonly place: RefObject<HTMLElement | null>;
  /** It is moved by a share of its split. */
  readonly onMove: (by: number) => void;
  /** Both sides are to be of the same size. */
  readonly onEven: () => void;
}) {
  const last = useRef<number>(undefined);
  const isRow = line.along === "row";
  const box = line.within;
  const percent = (share: number) => `${share * 100}%`;
  const drag = (client: number) => {
    const whole = place.current?.getBoundingClientRect();
    if (whole === undefined || last.current === undefined) return;
    const length = isRow ? whole.width * box.width : whole.height * box.height;
    const by = (client - last.current) / length;
    last.current = client;
    onMove(by);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a line that is moved is a separator with a value; no element is.
    <div
      role="separator"
      aria-orientation={isRow ? "vertical" : "horizontal"}
      aria-label={isRow ? "Line between left and right" : "Line between above and below"}
      aria-valuenow={Math.round(line.ratio * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
      tabIndex={0}
      title="Drag to change sizes; a double click makes both the same"
      className={classes(
        "group absolute z-10 touch-none outline-none",
        isRow ? "-ml-1 w-2 cursor-col-resize" : "-mt-1 h-2 cursor-row-resize",
      )}
      style={
        isRow
          ? { left: percent(line.position), top: percent(box.top), height: percent(box.height) }
          : { top: percent(line.position), left: percent(box.left), width: percent(box.width) }
      }
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        last.current = isRow ? event.clientX : event.clientY;
      }}
      onPointerMove={(event) => drag(isRow ? event.clientX : event.clientY)}
      onPointerUp={() => {
        last.current = undefined;
      }}
      onPointerCancel={() => {
        last.current = undefined;
      }}
      onDoubleClick={onEven}
      onKeyDown={(event) => {
        const [back, on] = isRow ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
        if (event.key === back) onMove(-STEP);
        else if (event.key === on) onMove(STEP);
        else if (event.key === "Enter") onEven();
        else return;
        event.preventDefault();
      }}
    >
      <span
        aria-hidden
        className={classes(
          "absolute bg-line transition-colors group-hover:bg-accent group-focus-visible:bg-accent",
          isRow
            ? "inset-y-0 left-1 w-px group-hover:-ml-px group-hover:w-0.75 group-focus-visible:-ml-px group-focus-visible:w-0.75"
            : "inset-x-0 top-1 h-px group-hover:-mt-px group-hover:h-0.75 group-focus-visible:-mt-px group-focus-visible:h-0.75",
        )}
      />
    </div>
  );
}
