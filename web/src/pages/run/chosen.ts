// Which place of a run's film is shown: a step, or what is to be seen now. Pure.

import type { RunStep } from "pilothouse-client";

/** The number of a step, or the present of a run that is not over. */
export type Place = number | "now";

/** All places of a film, in order. */
export function placesOf(steps: readonly RunStep[], isLive: boolean): readonly Place[] {
  const numbers = steps.map(({ number }) => number);
  return isLive ? [...numbers, "now"] : numbers;
}

/** The place that is shown: the one that is asked for, if there is such a one, or else the last. */
export function chosenOf(places: readonly Place[], asked: number | undefined): Place | undefined {
  return places.find((place) => place === asked) ?? places.at(-1);
}

/** Where a key leads from a place; nothing where it leads nowhere. */
export function placeAfter(
  key: string,
  places: readonly Place[],
  from: Place | undefined,
): Place | undefined {
  const at = from === undefined ? -1 : places.indexOf(from);
  if (key === "ArrowLeft") return places[Math.max(0, at - 1)];
  if (key === "ArrowRight") return places[Math.min(places.length - 1, at + 1)];
  if (key === "Home") return places[0];
  return key === "End" ? places.at(-1) : undefined;
}
