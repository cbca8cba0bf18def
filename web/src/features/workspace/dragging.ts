// Where a dragged tab would land. Pure.

import type { Side } from "./tiling";

/** What a dragged tab is called among other things that are dragged. */
export const TAB_TYPE = "application/x-pilothouse-tab";

/** So near to an edge, a tab lands beside the pane and not in it. */
const EDGE = 0.28;

/** Where a point of a pane leads; both are shares of the pane, from 0 to 1. */
export function sideAt(x: number, y: number): Side {
  const edges: readonly (readonly [number, Side])[] = [
    [x, "left"],
    [1 - x, "right"],
    [y, "above"],
    [1 - y, "below"],
  ];
  const [distance, side] = edges.reduce((best, edge) => (edge[0] < best[0] ? edge : best));
  return distance < EDGE ? side : "inside";
}

/** Which tab a dragged one lands before, when their middles are known. */
export const indexAt = (x: number, middles: readonly number[]): number =>
  middles.filter((middle) => middle < x).length;
