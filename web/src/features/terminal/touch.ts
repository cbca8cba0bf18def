// Fingers on a terminal: drag to scroll, hold to select, two to change the size of letters. A tap brings up the keyboard.

import { type After, after, distance, HOLD_MS, hearFingers, type Point, STILL } from "@/ui/fingers";
import { usePreferences } from "./preferences";
import type { WorkerTerminal } from "./terminal";

/** What fingers do to a terminal. */
export interface Touched {
  /** A finger goes from one place to another. */
  drag(from: Point, to: Point): void;
  /** Selects the word at a place. */
  selectWord(at: Point): void;
  /** Selects from that word to another place. */
  selectTo(at: Point): void;
  /** Makes letters larger or smaller than they were when two fingers came down. */
  pinch(scale: number, isBegin: boolean): void;
  tap(): void;
}

type Gesture =
  | { readonly kind: "none" }
  | { readonly kind: "down"; readonly at: Point }
  | { readonly kind: "scrolling"; readonly at: Point }
  | { readonly kind: "selecting" }
  | { readonly kind: "pinching"; readonly apart: number };

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
    if (first !== undefined && second !== undefined) {
      this.#gesture = { kind: "pinching", apart: distance(first, second) };
      this.touched.pinch(1, true);
    } else if (first !== undefined) {
      this.#gesture = { kind: "down", at: first };
      this.#stop = this.after(HOLD_MS, () => {
        this.#gesture = { kind: "selecting" };
        this.touched.selectWord(first);
      });
    }
  }

  /** Fingers moved. Whether the page should do nothing of its own with that. */
  moved(points: readonly Point[]): boolean {
    const [first, second] = points;
    const gesture = this.#gesture;
    if (first === undefined) return false;
    if (gesture.kind === "pinching" && second !== undefined) {
      this.touched.pinch(distance(first, second) / gesture.apart, false);
    } else if (gesture.kind === "selecting") {
      this.touched.selectTo(first);
    } else if (gesture.kind === "scrolling") {
      this.touched.drag(gesture.at, first);
      this.#gesture = { kind: "scrolling", at: first };
    } else if (gesture.kind === "down" && distance(gesture.at, first) > STILL) {
      this.#stop?.();
      this.#gesture = { kind: "scrolling", at: first };
    }
    return gesture.kind !== "none";
  }

  /** No finger is down any more. Whether it was a tap. */
  up(): boolean {
    this.#stop?.();
    const isTap = this.#gesture.kind === "down";
    this.#gesture = { kind: "none" };
    if (isTap) this.touched.tap();
    return isTap;
  }
}

/** Lets fingers work on a terminal in its place, until what is returned is called. */
export function attendTouch(place: HTMLElement, terminal: WorkerTerminal): () => void {
  const fingers = new Fingers(touchedOf(place, terminal), after);
  return hearFingers(
    place,
    {
      down: (points) => fingers.down(points),
      moved: (points, event) => {
        if (fingers.moved(points) && event.cancelable) event.preventDefault();
      },
      up: (left, event) => {
        if (left > 0) return;
        // Anything but a tap must not bring the keyboard up.
        if (!fingers.up() && event.cancelable) event.preventDefault();
      },
    },
    { isDownPassive: true },
  );
}

function touchedOf(place: HTMLElement, terminal: WorkerTerminal): Touched {
  const { screen } = terminal;
  let fontSize = 0;
  let begun: { readonly line: number; readonly from: number; readonly to: number } | undefined;
  const cellAt = ({ x, y }: Point) => {
    const box = screen.element.querySelector(".xterm-screen")?.getBoundingClientRect();
    if (box === undefined) return undefined;
    const { cols, rows, buffer } = screen.terminal;
    const column = Math.min(cols - 1, Math.max(0, Math.floor(((x - box.left) / box.width) * cols)));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(((y - box.top) / box.height) * rows)));
    return { column, line: buffer.active.viewportY + row };
  };
  /** Less than a line, which is for the next time. */
  let rest = 0;
  const roll = (pixels: number, { x, y }: Point) => {
    const { buffer, modes } = screen.terminal;
    if (buffer.active.type === "normal" && modes.mouseTrackingMode === "none") {
      const height = screen.cell()?.height ?? 16;
      rest += pixels;
      const lines = Math.trunc(rest / height);
      rest -= lines * height;
      if (lines !== 0) screen.terminal.scrollLines(lines);
      return;
    }
    // Programs that take the mouse, or have a screen of their own, know wheels.
    const wheel = { deltaY: pixels, clientX: x, clientY: y, bubbles: true, cancelable: true };
    screen.element.querySelector(".xterm-screen")?.dispatchEvent(new WheelEvent("wheel", wheel));
  };
  return {
    drag: (from, to) => {
      place.scrollLeft += from.x - to.x;
      const before = place.scrollTop;
      place.scrollTop += from.y - to.y;
      if (place.scrollTop === before) roll(from.y - to.y, to);
    },
    selectWord: (at) => {
      const cell = cellAt(at);
      if (cell === undefined) return;
      const text = screen.terminal.buffer.active.getLine(cell.line)?.translateToString() ?? "";
      const [from, to] = wordAt(text, cell.column);
      begun = { line: cell.line, from, to };
      screen.terminal.select(from, cell.line, to - from);
    },
    selectTo: (at) => {
      const cell = cellAt(at);
      if (cell === undefined || begun === undefined) return;
      const { cols } = screen.terminal;
      const here = cell.line * cols + cell.column;
      const from = Math.min(here, begun.line * cols + begun.from);
      const to = Math.max(here + 1, begun.line * cols + begun.to);
      screen.terminal.select(from % cols, Math.floor(from / cols), to - from);
    },
    pinch: (scale, isBegin) => {
      const { chosen } = usePreferences.getState();
      if (isBegin) fontSize = chosen.fontSize;
      const wanted = Math.round(fontSize * scale);
      if (wanted !== chosen.fontSize) terminal.zoom(wanted - chosen.fontSize);
    },
    tap: () => screen.terminal.clearSelection(),
  };
}

/** From where to where the word goes that has a column of a line; one cell where there is none. */
export function wordAt(line: string, column: number): readonly [number, number] {
  const isWord = (at: number) => /[^\s"'`()[\]{}<>|;,]/.test(line.charAt(at));
  if (!isWord(column)) return [column, column + 1];
  let from = column;
  let to = column + 1;
  while (from > 0 && isWord(from - 1)) from -= 1;
  while (to < line.length && isWord(to)) to += 1;
  return [from, to];
}
