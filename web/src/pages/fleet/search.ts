// What the fleet's address says of how it is looked at.

/** How agents are sorted. */
export const SORTS = ["urgency", "name", "activity"] as const;
/** One of them. */
export type Sort = (typeof SORTS)[number];

/** Which agents are shown. */
export const SHOWN = ["busy", "online", "error", "offline", "held"] as const;
/** One of them. */
export type ShownStatus = (typeof SHOWN)[number];

/** What is in the address; what is absent is as usual. */
export interface FleetSearch {
  /** Words that are looked for. */
  readonly q?: string;
  readonly status?: ShownStatus;
  readonly sort?: Sort;
}

const oneOf = <T extends string>(all: readonly T[], value: unknown): T | undefined =>
  all.find((one) => one === value);

/** The same, of an address that may say anything. */
export function fleetSearch(search: Record<string, unknown>): FleetSearch {
  const status = oneOf(SHOWN, search.status);
  const sort = oneOf(SORTS, search.sort);
  // A router reads what looks like a number as one.
  const q = typeof search.q === "string" || typeof search.q === "number" ? String(search.q) : "";
  return {
    ...(q === "" ? {} : { q }),
    ...(status === undefined ? {} : { status }),
    ...(sort === undefined ? {} : { sort }),
  };
}
