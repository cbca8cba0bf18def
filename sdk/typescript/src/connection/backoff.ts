// How long each protocol's clients wait before they come back. Pure: randomness comes in.

/** The waits between attempts to come back. */
export interface Backoff {
  /** Whether the first attempt after a loss is made at once. */
  readonly isFirstAtOnce: boolean;
  /** The first wait; each further one is twice as long. */
  readonly firstMs: number;
  /** No wait is longer, jitter aside. */
  readonly longestMs: number;
  /** By which part a wait is moved at most, either way: 0.2 is ±20 %. */
  readonly jitter: number;
  /** After so many failed attempts it is over, until somebody asks for another one. */
  readonly mostAttempts: number;
  /** After so many failed attempts a person should be offered to reconnect by hand. */
  readonly offersManualAfter: number;
  /** A connection that held for less did not really work: waits go on where they were. */
  readonly worksAfterMs: number;
}

/** As each protocol asks it of its clients. */
export const BACKOFFS = {
  /** 0, 1, 2, 4, 8, 16, 30, 30, … s, each ±20 %. */
  dashboard: {
    isFirstAtOnce: true,
    firstMs: 1000,
    longestMs: 30_000,
    jitter: 0.2,
    mostAttempts: Number.POSITIVE_INFINITY,
    offersManualAfter: 5,
    worksAfterMs: 5000,
  },
  /** 1, 2, 4, 8, 16 s, and no further attempt. */
  missionControl: {
    isFirstAtOnce: false,
    firstMs: 1000,
    longestMs: 16_000,
    jitter: 0,
    mostAttempts: 5,
    offersManualAfter: 5,
    worksAfterMs: 0,
  },
  /** 1, 2, 4, 8, 16, 30, 30, … s, each ±30 %. */
  sessions: {
    isFirstAtOnce: false,
    firstMs: 1000,
    longestMs: 30_000,
    jitter: 0.3,
    mostAttempts: Number.POSITIVE_INFINITY,
    offersManualAfter: 5,
    worksAfterMs: 5000,
  },
} as const satisfies Record<string, Backoff>;

/**
 * The wait before the next attempt when `failures` attempts were made since the connection worked;
 * nothing if there is to be none. `random` is from 0 to 1.
 */
export function waitMs(backoff: Backoff, failures: number, random: number): number | undefined {
  if (failures >= backoff.mostAttempts) return undefined;
  const doublings = backoff.isFirstAtOnce ? failures - 1 : failures;
  if (doublings < 0) return 0;
  // Jitter comes after the limit, so that a crowd that waits longest does not come back as one.
  const wait = Math.min(backoff.firstMs * 2 ** Math.min(doublings, 60), backoff.longestMs);
  const within = Math.min(1, Math.max(0, random));
  return Math.round(wait * (1 - backoff.jitter + 2 * backoff.jitter * within));
}
