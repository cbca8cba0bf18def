// Where the panes of a tiling are, which are neighbours, and tilings that fill a place evenly. Pure.

import { balanced, onePane, type Pane, type Part, type Path, type Tiling } from "./tiling";

/** A part of the place, in shares of it from 0 to 1. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A pane, and where it is. */
export interface PlacedPane {
  readonly pane: Pane;
  readonly box: Box;
}

/** A line between two parts of a split, which can be moved. */
export interface Line {
  /** The split. */
  readonly path: Path;
  /** The part before it. */
  readonly at: number;
  readonly along: "row" | "column";
  /** The split's place: what shares of it are shares of. */
  readonly within: Box;
  /** Where on it, from 0 to 1 of the place, across its direction. */
  readonly position: number;
  /** The share of the part before it, of both that it parts. */
  readonly ratio: number;
  /** The panes before it, whose size it decides. */
  readonly before: readonly string[];
}

/** What is where. */
export interface Plan {
  readonly panes: readonly PlacedPane[];
  readonly lines: readonly Line[];
}

const ALL: Box = { left: 0, top: 0, width: 1, height: 1 };

/** Where everything is. */
export function plan(tiling: Tiling, box: Box = ALL, path: Path = []): Plan {
  if (tiling.kind === "pane") return { panes: [{ pane: tiling, box }], lines: [] };
  const { along, parts } = tiling;
  let done = 0;
  const panes: PlacedPane[] = [];
  const lines: Line[] = [];
  for (const [at, part] of parts.entries()) {
    const inner = plan(part.tiling, inside(box, along, done, part.share), [...path, at]);
    done += part.share;
    panes.push(...inner.panes);
    lines.push(...inner.lines);
    const next = parts[at + 1];
    if (next === undefined) continue;
    const position = along === "row" ? box.left + box.width * done : box.top + box.height * done;
    const ratio = part.share / (part.share + next.share);
    const before = inner.panes.map(({ pane }) => pane.id);
    lines.push({ path, at, along, within: box, position, ratio, before });
  }
  return { panes, lines };
}

const inside = (box: Box, along: "row" | "column", from: number, share: number): Box =>
  along === "row"
    ? { ...box, left: box.left + box.width * from, width: box.width * share }
    : { ...box, top: box.top + box.height * from, height: box.height * share };

/** A way to look from a pane. */
export type Direction = "left" | "right" | "up" | "down";

/** The pane that one comes to from another in a direction, if there is one. */
export function neighbour(tiling: Tiling, id: string, direction: Direction): string | undefined {
  const { panes } = plan(tiling);
  const from = panes.find(({ pane }) => pane.id === id)?.box;
  if (from === undefined) return undefined;
  const isAcross = direction === "left" || direction === "right";
  const isAhead = ({ box }: PlacedPane) =>
    distance(from, box, direction) > -EDGE &&
    (isAcross
      ? holds(box.top, box.height, from.top + from.height / 2)
      : holds(box.left, box.width, from.left + from.width / 2));
  const ahead = panes.filter(isAhead);
  ahead.sort(
    (one, other) => distance(from, one.box, direction) - distance(from, other.box, direction),
  );
  return ahead[0]?.pane.id;
}

/** Shares are sums of fractions, which are never exact. */
const EDGE = 1e-6;

function distance(from: Box, to: Box, direction: Direction): number {
  switch (direction) {
    case "left":
      return from.left - (to.left + to.width);
    case "right":
      return to.left - (from.left + from.width);
    case "up":
      return from.top - (to.top + to.height);
    case "down":
      return to.top - (from.top + from.height);
  }
}

const holds = (from: number, length: number, point: number): boolean =>
  point >= from - EDGE && point <= from + length + EDGE;

/** The line that decides a pane's size at its right or lower side, or else at its left or upper one. */
export function lineOf(tiling: Tiling, id: string, along: "row" | "column"): Line | undefined {
  const { lines, panes } = plan(tiling);
  const box = panes.find(({ pane }) => pane.id === id)?.box;
  if (box === undefined) return undefined;
  const near = along === "row" ? box.left : box.top;
  const far = along === "row" ? box.left + box.width : box.top + box.height;
  const across = lines.filter((line) => line.along === along && covers(line.within, box));
  const at = (position: number) => across.find((line) => Math.abs(line.position - position) < EDGE);
  return at(far) ?? at(near);
}

const covers = (outer: Box, box: Box): boolean =>
  outer.left <= box.left + EDGE &&
  outer.top <= box.top + EDGE &&
  outer.left + outer.width >= box.left + box.width - EDGE &&
  outer.top + outer.height >= box.top + box.height - EDGE;

/** What a terminal wants to look like: 80 columns to 24 lines of letters about twice as high as wide. */
const SHAPE = 80 / (24 * 2.1);

/** In how many columns so many panes lie best in a place, which is as wide as it is times higher. */
export function columnsFor(count: number, aspect: number): number {
  const unlike = (columns: number) => {
    const rows = Math.ceil(count / columns);
    const shape = (aspect * rows) / columns;
    const empty = columns * rows - count;
    return Math.abs(Math.log(shape / SHAPE)) + empty * 0.15;
  };
  const choices = Array.from({ length: Math.max(1, count) }, (_, index) => index + 1);
  return choices.reduce((best, columns) => (unlike(columns) < unlike(best) ? columns : best), 1);
}

/** Each of the first `most` tabs in a pane of its own, in even rows; the others are tabs of the last one. */
export function grid(tabs: readonly string[], columns: number, most = 8): Tiling {
  const alone = tabs.slice(0, most).map((tab, index) => onePane([tab], `p${index + 1}`));
  const rest = tabs.slice(most);
  const last = alone.at(-1);
  if (last === undefined) return onePane([]);
  const panes = alone.with(-1, { ...last, tabs: [...last.tabs, ...rest] });
  const rows: Tiling[] = [];
  for (let at = 0; at < panes.length; at += columns) {
    rows.push(joined("row", panes.slice(at, at + columns)));
  }
  return balanced(joined("column", rows));
}

function joined(along: "row" | "column", tilings: readonly Tiling[]): Tiling {
  const [only] = tilings;
  if (only !== undefined && tilings.length === 1) return only;
  const parts = tilings.map((tiling): Part => ({ share: 1 / tilings.length, tiling }));
  return { kind: "split", along, parts };
}
