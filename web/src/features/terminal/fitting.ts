// How many cells fit into a place, and how large letters may be so that a given number of cells fits. Pure.

import type { Size } from "./backlog";

/** In CSS pixels. */
export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** A terminal that is smaller than this is of no use to any program. */
const SMALLEST: Size = { cols: 2, rows: 1 };

/** How many cells fit. */
export function cellsIn(place: Extent, cell: Extent): Size | undefined {
  if (!(cell.width > 0 && cell.height > 0 && place.width > 0 && place.height > 0)) return undefined;
  return {
    cols: Math.max(SMALLEST.cols, Math.min(1000, Math.floor(place.width / cell.width))),
    rows: Math.max(SMALLEST.rows, Math.min(1000, Math.floor(place.height / cell.height))),
  };
}

/** What letters have to be at least in order to be read. */
export const SMALLEST_FONT = 8;

/** The largest font, in steps of half a pixel and no larger than `wanted`, with which `size` fits; `cell` is that of `wanted`. */
export function fontFor(size: Size, place: Extent, cell: Extent, wanted: number): number {
  const scale = Math.min(
    1,
    place.width / (size.cols * cell.width),
    place.height / (size.rows * cell.height),
  );
  if (!(scale > 0)) return wanted;
  return Math.max(Math.min(SMALLEST_FONT, wanted), Math.floor(wanted * scale * 2) / 2);
}
