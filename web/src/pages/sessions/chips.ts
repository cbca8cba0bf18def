// Which workers of a session get a chip of their own in its row, and which are counted together. Pure.

import type { sessionsAndWorkers } from "pilothouse-client";
import { STANDINGS, type Standing } from "@/features/sessions/standing";

type Worker = sessionsAndWorkers.Worker;

/** Terminals that nothing is to be said of are shown one by one up to this number. */
const FEW = 2;

/** What a row shows: those that most want somebody first, and how many plain terminals there are besides. */
export function chips(
  workers: readonly Worker[],
  standingOf: (worker: Worker) => Standing,
): {
  readonly apart: readonly { readonly worker: Worker; readonly standing: Standing }[];
  readonly together: number;
} {
  const all = workers.map((worker) => ({ worker, standing: standingOf(worker) }));
  const isPlain = ({ worker, standing }: (typeof all)[number]) =>
    worker.type === "terminal" && (standing === "open" || standing === "away");
  const together = all.filter(isPlain).length;
  const isMany = together > FEW;
  const rank = ({ standing }: (typeof all)[number]) => STANDINGS.indexOf(standing);
  const apart = all
    .filter((one) => !isMany || !isPlain(one))
    .sort((one, other) => rank(one) - rank(other));
  return { apart, together: isMany ? together : 0 };
}
